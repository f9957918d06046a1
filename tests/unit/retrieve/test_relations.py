"""A walk over the graph follows relations that passages state, of those that the asker may read."""

import pytest

from surefoot.core.lang.entities import relation
from surefoot.core.roles import Mention
from surefoot.retrieve.hops.directory import Directory
from surefoot.retrieve.hops.network import Network, personalised_pagerank


def network(*mentions):
    made = [Mention(f"{name}#0", name, "", tuple(keys)) for name, keys in mentions]
    return Network(made, Directory(made))


PLAIN = [
    ("told", ("林海", "oslo", "noise")),
    ("holm", ("林海",)),
    ("oslo", ("oslo",)),
    ("noise", ("noise",)),
]


def walked(mentions, allowed=None):
    around = network(*mentions).around(["holm#0"], [], 100)
    everything = {f"{name}#0" for name, _ in mentions}
    return around, personalised_pagerank(
        network(*mentions).around(["holm#0", "told#0", "oslo#0", "noise#0"], [], 100),
        everything if allowed is None else allowed,
        {"holm#0": 1.0},
        alpha=0.85,
    )


def test_what_is_related_is_nearer_than_what_only_stands_beside_it():
    _, plain = walked(PLAIN)
    assert plain["oslo#0"] == pytest.approx(plain["noise#0"])
    stated = [("told", (*PLAIN[0][1], relation("林海", "oslo"))), *PLAIN[1:]]
    _, found = walked(stated)
    assert found["oslo#0"] > found["noise#0"]
    assert found["oslo#0"] > plain["oslo#0"]


def test_a_relation_told_where_nobody_may_read_it_joins_nothing():
    stated = [("told", (*PLAIN[0][1], relation("林海", "oslo"))), *PLAIN[1:]]
    allowed = {"holm#0", "oslo#0", "noise#0"}
    _, found = walked(stated, allowed)
    _, plain = walked(PLAIN, allowed)
    assert found == pytest.approx(plain)
    assert "oslo#0" not in found


def test_relations_lie_around_their_chunks_alone():
    stated = [("told", (*PLAIN[0][1], relation("林海", "oslo"))), *PLAIN[1:]]
    around = network(*stated).around(["told#0"], [], 1)
    assert [edge[:3] for edge in around.relations] == [("told#0", "oslo", "林海")]
