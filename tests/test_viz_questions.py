"""Questions of the application: put through the engine, stopped, gone on with, answered as the command line does."""

import threading

import numpy as np
import pytest
import small_runs
from test_viz import desk, engines  # noqa: F401 # fixtures

from experiments.languages import speaker
from experiments.questions.shapley import exact_shares
from sim.ensemble import simulate
from sim.scenario import Scenario
from viz import find_page, shares_panel
from viz.attributing import MOST_PLAYERS, Attribution, Shared
from viz.finding import FINALISTS, Found, Package, Search, levers, taken_over
from viz.inquiries import Inquiries, left
from viz.questions import COST_PLACE, NUMBERS, Batch, Told, ask, numbers
from viz.view import View, address, preset_levers, read_view

SAYS = [speaker("en"), speaker("zh")]
SHARE = "policy.retrofit_grant.share"
FIRMS, YEAR = small_runs.FIRMS, 2025


def heard(engine, question) -> list[Told]:
    """All that is told of a question, to its end."""
    found: list[Told] = []
    ask(engine, question, threading.Event(), found.append)
    return found


def test_numbers_are_those_of_the_results():
    part = small_runs.ensemble("plan").parts[0]
    found = np.array([numbers(one) for one in part.replicates])
    for place, name in enumerate(NUMBERS):
        if place == COST_PLACE:
            expected = sum(part.values(name, year) for year in range(2022, YEAR + 1))
        else:
            expected = part.values(name, YEAR)
        assert found[:, place] == pytest.approx(expected, rel=1e-12)


def few_levers() -> tuple[Scenario, Scenario]:
    first = Scenario.load("baseline", firms=FIRMS, parameters="prior")
    changes = {SHARE: 0.4, "policy.green_consumption.pull": 0.05}
    return first, Scenario.load("baseline", firms=FIRMS, parameters="prior", changes=changes)


def test_shares_add_up_to_what_simulate_says(engines):  # noqa: F811
    question = Attribution(*few_levers(), replicates=2)
    assert len(question.players) == 2
    assert question.size == 8
    told = heard(engines(workers=2, replicates=2), question)
    assert told[-1].over
    shared = told[-1].answer
    both = [simulate(one, replicates=2, populations=2).parts[0].values(NUMBERS[0], YEAR) for one in few_levers()]
    effect = float((both[1] - both[0]).mean())
    assert shared.effect(0) == pytest.approx(effect, rel=1e-9)
    assert shared.table(0)["share"].sum() == pytest.approx(effect, rel=1e-9)
    for say in SAYS:
        for number in range(len(NUMBERS)):
            chart = shares_panel.bars(shared, number, say)
            assert len(chart.rows) == 3


def test_a_package_is_shared_out_as_finely_as_it_may_be():
    plan, baseline = (Scenario.load(name, firms=FIRMS) for name in ("plan", "baseline"))
    question = Attribution(baseline, plan, replicates=2)
    assert 1 < len(question.players) <= MOST_PLAYERS
    keys = sorted(key for player in question.players for key in player.keys)
    assert keys == sorted(
        key for key in {*plan.steps, *baseline.steps} if plan.steps.get(key) != baseline.steps.get(key)
    )
    assert Attribution(plan, plan, 2).players == ()
    for say in SAYS:
        assert all(shares_panel.player_words(player, say) for player in question.players)


class Numbered:
    """A question of two batches, whose runs say where they stand."""

    size = 6
    key = "numbered"

    def batches(self):
        first = yield Batch("search", (small_runs.renamed("one"), small_runs.renamed("two")), 2)
        second = yield Batch("fresh", (small_runs.renamed("three"),), 2)
        return first.shape, second.shape

    def sketch(self, values):
        return values.shape[1]


@pytest.fixture
def counted(desk, monkeypatch):  # noqa: F811
    """Runs whose numbers are their replicate."""
    from viz import questions

    kind = questions.HEADLINES._replace(keep=lambda replicate: np.full(len(NUMBERS), float(replicate)))
    monkeypatch.setattr(questions, "HEADLINES", kind)
    return desk


def test_batches_come_one_after_the_other(counted, engines):  # noqa: F811
    counted.free.release(6)
    told = heard(engines(), Numbered())
    assert told[-1] == Told(6, "", ((2, 2, len(NUMBERS)), (1, 2, len(NUMBERS))), over=True)
    assert [name for name, _ in counted.begun[4:]] == ["three", "three"]
    done = [one.done for one in told]
    assert done == sorted(done)


def test_a_question_stops_and_goes_on_where_it_was(counted, engines):  # noqa: F811
    made, gone = engines(), threading.Event()
    thread = threading.Thread(target=ask, args=(made, Numbered(), gone, lambda told: None))
    thread.start()
    counted.free.release(1)
    counted.wait_for(2)
    gone.set()
    thread.join(5)
    assert not thread.is_alive()
    begun = len(counted.begun)
    counted.free.release(5)
    assert heard(made, Numbered())[-1].over
    assert begun + 4 <= len(counted.begun) <= begun + 5  # those not begun, and the one that was cut short if it was
    before = len(counted.begun)
    assert heard(made, Numbered())[-1].over
    assert len(counted.begun) == before, "an answer that is there is not run again"


def test_a_question_gives_way_to_settings(counted, engines):  # noqa: F811
    made, gone = engines(), threading.Event()
    thread = threading.Thread(target=ask, args=(made, Numbered(), gone, lambda told: None))
    thread.start()
    counted.wait_for(1)
    with made.asking(small_runs.renamed("setting")) as job:
        assert made.working() == 1, "a question does not take room from settings"
        counted.free.release(5)
        assert made.wait([job], 3, 5)
    assert [name for name, _ in counted.begun[1:5]] == ["setting"] * 4
    gone.set()
    thread.join(5)


class Named(Numbered):
    """The same under another key."""

    def __init__(self, key: str) -> None:
        self.key = key


@pytest.fixture
def desks(engines):  # noqa: F811
    made = []

    def make(**options) -> Inquiries:
        made.append(Inquiries(engines(), **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def eventually(place: Inquiries, question, visitor, there) -> tuple[Told, bool]:
    """What is told once it is so."""
    gone, found = threading.Event(), []

    def tell(told, asked):
        if there(told, asked):
            found.append((told, asked))
            gone.set()

    thread = threading.Thread(target=place.listen, args=(question, visitor, gone, tell))
    thread.start()
    thread.join(20)
    gone.set()
    assert found, place.look(question, visitor)
    return found[0]


def test_who_comes_again_finds_the_question_at_work(counted, desks):
    place = desks()
    place.start(Numbered(), "first")
    counted.free.release(1)
    eventually(place, Numbered(), "first", lambda told, asked: asked and told.done == 1)
    place.leave("first")
    told, asked = place.look(Numbered(), "reloaded")
    assert (told.done, asked) == (1, False)
    place.join(Numbered(), "reloaded")
    counted.free.release(6)
    told, asked = eventually(place, Numbered(), "reloaded", lambda told, asked: told.over)
    assert asked
    begun = len(counted.begun)
    place.join(Numbered(), "later")
    assert place.look(Numbered(), "later") == (told, True)
    assert len(counted.begun) == begun, "an answer that is there is told to whoever asks"


def test_a_question_stops_with_the_last_who_waits(counted, desks):
    place = desks()
    place.start(Numbered(), "one")
    place.join(Numbered(), "other")
    counted.wait_for(1)
    place.stop(Numbered(), "one")
    assert not place.look(Numbered(), "one")[1]
    counted.free.release(1)
    eventually(place, Numbered(), "other", lambda told, asked: asked and told.done == 1)
    place.stop(Numbered(), "other")
    place.join(Numbered(), "third")
    told, asked = place.look(Numbered(), "third")
    assert not asked, "what was stopped is not begun again by looking"
    assert told.done == 1
    counted.free.release(6)
    place.start(Numbered(), "third")
    eventually(place, Numbered(), "third", lambda told, asked: told.over)


def test_too_many_questions_wait(counted, desks):
    place = desks(most=1)
    place.start(Named("one"), "one")
    counted.wait_for(1)
    place.start(Named("two"), "other")
    told, asked = place.look(Named("two"), "other")
    assert told.waiting
    assert asked
    assert not place.look(Named("one"), "one")[0].waiting
    place.stop(Named("one"), "one")
    counted.free.release(6)
    eventually(place, Named("two"), "other", lambda told, asked: told.over)


def test_one_visitor_waits_for_a_few_questions_only(desks):
    place = desks(most=1)
    names = ["a", "b", "c"]
    for name in names:
        place.start(Named(name), "one")
    assert [place.look(Named(name), "one")[1] for name in names] == [False, True, True]


def test_a_defect_ends_a_question_with_a_reference(desks, caplog):
    class Broken(Numbered):
        def batches(self):
            raise RuntimeError("a defect")

    place = desks()
    place.start(Broken(), "one")
    told, asked = eventually(place, Broken(), "one", lambda told, asked: told.over)
    assert told.trouble in caplog.text
    assert not asked


def test_the_time_left_follows_from_the_pace():
    assert left(10.0, 20, Told(30), 100) == pytest.approx(70.0)
    assert left(1.0, 20, Told(30), 100) is None
    assert left(10.0, 30, Told(30), 100) is None


def test_an_error_ends_a_question_with_a_reference(counted, engines, caplog):  # noqa: F811
    counted.failing = "two"
    counted.free.release(6)
    told = heard(engines(), Numbered())
    assert told[-1].over
    assert told[-1].trouble in caplog.text
    assert len(told[-1].trouble) == 8


def search(chance: float = 0.5, **changes) -> Search:
    keys = tuple(factor.name for factor in levers())
    words = {"setting": View(), "keys": keys, "scope": "plan", "firms": FIRMS, "seed": 1, "replicates": 4, "fresh": 6}
    return Search(chance=chance, **words | changes)


def answered(question: Search, revenue) -> Found:
    """The search with runs whose revenue and cost follow from the levers."""
    steps = question.batches()
    batch = next(steps)
    asked = []
    while True:
        asked.append(batch)
        values = np.zeros((len(batch.scenarios), batch.replicates, len(NUMBERS)))
        for place, scenario in enumerate(batch.scenarios):
            share = scenario.steps.get(SHARE, ((None, 0.1),))[0][1]
            values[place, :, 0] = revenue(share, np.arange(batch.replicates) / batch.replicates)
            values[place, :, COST_PLACE] = 1e5 * share
        try:
            batch = steps.send(values)
        except StopIteration as end:
            assert sum(len(one.scenarios) * one.replicates for one in asked) <= question.size
            assert len({one.seed for one in asked[-1].scenarios} & {asked[0].scenarios[0].seed}) == 0
            return end.value


def test_the_cheapest_package_is_found():
    found = answered(search(0.5), lambda share, luck: 380.0 + 200.0 * share - 10.0 * luck)
    assert found.best is not None
    assert found.best.chance.estimate >= 0.5
    assert 0.05 < found.best.settings[SHARE] < 0.25
    for say in SAYS:
        assert find_page.headline(found, search(), say)[1] == ""
        assert len(find_page.finalist_rows(found, search(), say)) == 4 + len(levers())
        assert len(find_page.front(found, say).rows) == len(found.cost)


def test_that_none_is_found_is_said():
    found = answered(search(0.5), lambda share, luck: 300.0 + 0.0 * luck)
    assert found.best is None
    assert len(found.finalists) <= FINALISTS
    sentence, tone = find_page.headline(found, search(), SAYS[0])
    assert sentence.startswith("None found")
    assert "0 %" in sentence
    assert tone == "lv-trouble"


def test_a_winner_that_was_only_lucky_is_not_called_found():
    lucky = Package({SHARE: 0.1}, 1.0, find_page_probability([False] * 6), np.ones(6), np.ones(6))
    found = Found(np.ones(1), np.ones(1), np.array([0]), (lucky,), 0.5)
    assert found.best is None


def find_page_probability(hits):
    from sim.results.probability import probability

    return probability(np.array(hits), 0.95)


def test_a_package_is_taken_over_within_bounds():
    package = Package(
        {SHARE: 0.3, "policy.retrofit_grant.purse": 12_000.0}, 1.0, find_page_probability([True]), *2 * [np.ones(1)]
    )
    view = taken_over(View(page="find"), package)
    assert view.page == "forecast"
    assert dict(view.changes) == {SHARE: 0.3, "policy.retrofit_grant.purse": 12_000.0}
    same = Package({SHARE: preset_levers("plan")[SHARE].value}, 1.0, find_page_probability([True]), *2 * [np.ones(1)])
    assert taken_over(View(), same).changes == ()


def test_only_chosen_levers_move():
    question = search(keys=(SHARE,), setting=View().moved("policy.carbon_price.price", 99))
    scenario = next(question.batches()).scenarios[0]
    assert scenario.steps["policy.carbon_price.price"][-1][1] == 99
    plan = Scenario.load("plan", firms=FIRMS).steps
    moved = {key for key in {*plan, *scenario.steps} if plan.get(key) != scenario.steps.get(key)}
    assert moved <= {SHARE, "policy.carbon_price.price"}


def test_levers_that_a_search_leaves_are_restored():
    view = View(page="find").holding(SHARE)
    assert view.held == (SHARE,)
    assert read_view(address(view)) == view
    assert view.holding(SHARE).held == ()
    assert read_view("page=find&hold=no.such&hold=model.lending").held == ()


def test_a_lone_part_has_no_pairs():
    worth = np.arange(2.0 * 3 * len(NUMBERS)).reshape(2, 3, len(NUMBERS))
    question = Attribution(*few_levers(), replicates=2)
    shared = Shared(question.players[:1], worth)
    assert shared.pairs(0).empty
    assert exact_shares(dict(enumerate(worth[:, :, 0])), 1).values.sum() == pytest.approx(
        (worth[1] - worth[0])[:, 0].sum()
    )
