"""What stands once in each of a visitor's objects comes behind what keeps the visitors."""

from soakproof.culprits import Culprit
from soakproof.judge.folding import Places, fold
from tests.fed_series import make_finding, owners_of

CART = "container:shop.Cart.items"
STATES = "container:shop.Manager.states"
WAITING = "task:Visit.wait"


def order(*findings, plural):
    """Return the metrics of findings as folded, and those of the leaks that decide."""
    folded = fold(findings, Places(owners_of(findings), plural=plural))
    return [each.metric for each in folded], [each.metric for each in folded if each.is_deciding]


def foreign(metric, retainers=(), **fields):
    """Return a leak of a library's container."""
    culprit = Culprit(owner=metric.partition(":")[2], origin="library", retainers=list(retainers))
    return make_finding(metric, culprit=culprit, **fields)


def test_what_stands_in_each_visitors_object_comes_behind_the_registry_of_visitors():
    """Nineteen items of each visitor's cart are no reason to name the cart: the manager keeps one state per visitor."""
    findings = [foreign(CART, per_connection=19.0), foreign(STATES)]
    assert order(*findings, plural={CART}) == ([STATES, CART], [STATES])
    assert order(*findings, plural=())[0] == [CART, STATES]


def test_it_comes_behind_tasks_too():
    """Objects that hang on tasks that never end are there because of the tasks."""
    metrics, _ = order(foreign(CART, per_connection=19.0), make_finding(WAITING), plural={CART})
    assert metrics == [WAITING, CART]


def test_of_which_it_is_known_who_keeps_it_stands_alone():
    """Where somebody has looked, what was seen counts, and no guess."""
    cart = foreign(CART, retainers=["module shop", "ROOMS: dict", "[*]: Cart"], per_connection=19.0)
    assert order(cart, foreign(STATES), plural={CART}) == ([STATES, CART], [STATES, CART])


def test_the_applications_own_stands_alone():
    """An application's histories may grow beside its registry of rooms: both are its maker's to mend."""
    histories = make_finding("registry:app:Room.history", per_connection=19.0)
    assert order(histories, make_finding("registry:app:ROOMS"), plural={histories.metric})[1] == [
        "registry:app:ROOMS",
        "registry:app:Room.history",
    ]
