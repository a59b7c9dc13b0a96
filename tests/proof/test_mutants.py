"""The mutants still fit the source, and a mutant in a process is one that its tests see."""

import ast
import gc
import os
from dataclasses import replace

import pytest

from app.orders import states
from app.orders.errors import IllegalTransition
from proof.mutants.core import JUDGES, NAMED, core_files
from proof.mutants.equivalent import EQUIVALENT
from proof.mutants.generating import changes, mutants_of
from proof.mutants.handmade import HANDMADE
from proof.mutants.planting import Unplantable, edited, plant
from proof.mutants.report import table
from proof.mutants.words import Mutant, Verdict
from sandbox.code import CODE


@pytest.mark.parametrize("mutant", HANDMADE, ids=lambda mutant: mutant.key)
def test_a_mutant_made_by_hand_still_fits_and_has_tests(mutant: Mutant) -> None:
    assert mutant.sql or mutant.old != mutant.new
    if mutant.file:
        assert ast.dump(edited(mutant)) != ast.dump(ast.parse((CODE / mutant.file).read_text()))
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert file.startswith((*JUDGES, *NAMED))
        assert f"\ndef {name}(" in (CODE / file).read_text()
    assert mutant.tests


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    assert len({each.key for each in HANDMADE}) == len(HANDMADE) >= 20


def test_every_file_of_the_core_with_code_in_it_has_mutants_with_names_of_their_own() -> None:
    keys = [each.key for file in core_files() for each in mutants_of(file)]

    assert len(set(keys)) == len(keys) > 1000


def test_what_is_called_equivalent_is_there() -> None:
    keys = {each.key for file in core_files() for each in mutants_of(file)}

    assert [key for key in EQUIVALENT if key not in keys] == []
    assert all(EQUIVALENT.values())


SOURCE = '''
"""A module."""
LIVE = frozenset({OPEN, PAID})


def f(order, lines=2):
    """What it does."""
    if order.total > 1 and lines:
        order.state = "paid"
        log.info("paid", total=1)
        raise ValueError("The order is paid.")
    return 0
'''
MADE = [
    ("", "{OPEN, PAID}", "{PAID}"),
    ("", "{OPEN, PAID}", "{OPEN}"),
    ("f", "if order.total > 1 and lines", "if True"),
    ("f", "if order.total > 1 and lines", "if False"),
    ("f", "order.total > 1 and lines", "order.total > 1 or lines"),
    ("f", "order.total > 1", "order.total >= 1"),
    ("f", "1", "2"),
    ("f", "order.state = 'paid'", "pass"),
    ("f", "'paid'", "'not paid'"),
    ("f", "raise ValueError('The order is paid.')", "pass"),
    ("f", "return 0", "return None"),
    ("f", "0", "1"),
]


def test_the_rules_change_what_decides_and_neither_logs_nor_words_for_people() -> None:
    made = [(each.inside, each.before, each.after) for each in changes(ast.parse(SOURCE))]

    assert made == MADE


@pytest.mark.parametrize("number", range(len(MADE)))
def test_each_change_is_made_alone(number: int) -> None:
    tree = ast.parse(SOURCE)

    changes(tree)[number].make()

    changed = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
    original = ast.unparse(ast.parse(SOURCE)).splitlines()
    assert len(changed) == len(original)
    assert sum(new != old for new, old in zip(changed, original, strict=True)) == 1


def goes_back(mutant: Mutant | None) -> bool:
    """Whether an order may go from paid to pending, where the mutant is planted: in a fork."""
    child = os.fork()
    if child == 0:
        try:
            if mutant is not None:
                plant(mutant)
            states.check_move("paid", "pending")
            os._exit(1)
        except IllegalTransition:
            os._exit(0)
        finally:
            os._exit(2)
    return {0: False, 1: True}[os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]


STATES = "app/orders/states.py"
TO_PENDING = Mutant(key="", file=STATES, old="if target not in MOVES[current]:", new="if False:")


@pytest.mark.parametrize(
    ("after", "allowed"), [("if True", False), ("if False", True), ("target in MOVES[current]", True)]
)
def test_a_planted_mutant_is_what_runs(after: str, *, allowed: bool) -> None:
    (mutant,) = (each for each in mutants_of(STATES) if each.key.endswith(f"=> {after}"))

    assert [goes_back(each) for each in (mutant, TO_PENDING, None)] == [allowed, True, False]


def test_what_was_frozen_when_the_shop_was_loaded_is_changed_too() -> None:
    gc.freeze()
    try:
        assert goes_back(TO_PENDING)
    finally:
        gc.unfreeze()


def test_a_mutant_whose_text_is_gone_or_changes_nothing_is_told() -> None:
    for old, new in (("no such text", ""), ("An order", "An order"), ("PENDING", "")):
        with pytest.raises(Unplantable):
            plant(Mutant(key="m", file=STATES, old=old, new=new))


def test_a_survivor_made_by_hand_or_too_many_others_fail_the_command() -> None:
    by_hand, others = HANDMADE[0], mutants_of(STATES)[:10]
    all_killed = {
        each.key: Verdict(key=each.key, outcome="killed", why="AssertionError") for each in (by_hand, *others)
    }

    def judged(*keys: str, outcome: str = "killed", why: str = "AssertionError") -> bool:
        bad = {key: replace(all_killed[key], outcome=outcome, why=why) for key in keys}
        return table([by_hand, *others], all_killed | bad)[1]

    assert judged()
    assert judged(others[0].key, outcome="survived")
    assert not judged(others[0].key, others[1].key, outcome="survived")
    assert not judged(by_hand.key, outcome="survived")
    assert not judged(by_hand.key, why="NameError: name 'x' is not defined")
    assert not judged(by_hand.key, outcome="timeout")
