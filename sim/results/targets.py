"""What the plan wants of a variable; the headline takes its target from configs/revenue.yaml."""

from sim.results.revenue import RevenueRules, target_year
from sim.results.variable_list import Target, Variable

HEADLINE = "green_revenue"  # the indicator whose target and year are parameters


def plan_target(variable: Variable, rules: RevenueRules) -> Target | None:
    """The target of a variable, or None where the plan has none."""
    target = variable.target
    if target is None or target.indicator != HEADLINE:
        return target
    return target.model_copy(update={"value": rules.target, "year": target_year(rules)})
