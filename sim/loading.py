"""How machine code comes back from the disk: what only a compiler would read is read when one asks for it.

Beside the machine code of a kernel, numba keeps what its compiler saw, so that other kernels may take it in. That is
larger than the code, and to read it was a seventh of the time from a command to its first quarter; hardly any kernel is
ever taken in.
"""

from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary, JITCPUCodegen


class Loaded(JITCodeLibrary):
    """Machine code from the disk; what a compiler needs of it is read when the first one does."""

    _unread: bytes | None = None

    def get_pointer_to_function(self, name: str) -> int:
        """Where a function lies, zero for none; numba would look for its name in what is not read yet."""
        return int(self._codegen._engine.get_function_address(name))

    def _get_module_for_linking(self) -> Any:
        if self._unread is not None:
            self._shared_module, self._unread = llvm.parse_bitcode(self._unread), None
            self._codegen._engine._load_defined_symbols(self._shared_module)
        return super()._get_module_for_linking()


def loaded(codegen: Any, state: Any) -> Any:
    """Machine code made ready to run, from what numba has written."""
    name, kind, content = state
    if kind != "object":
        return JITCodeLibrary._unserialize(codegen, state)
    library = Loaded(codegen, name)
    machine_code, library._unread = content
    library.enable_object_caching()
    library._set_compiled_object(machine_code)
    library._finalize_final_module()
    return library


def load_code_alone() -> None:
    """Let numba load machine code this way from now on."""
    numbas: Any = JITCPUCodegen
    numbas.unserialize_library = loaded
