"""``memc.fleet.ray`` on three raylets of one loopback, with names of their own."""

import pytest
from support.worlds import inside


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return inside("ray_world", tmp_path_factory.mktemp("ray"))


def test_nodes_are_found_and_one_that_hangs_is_missing(world):
    assert {*world["collected"]["found"]} == {"head", "second"}
    assert world["collected"]["missing"] == {"ill": "no answer within 40 s"}
    assert all(world["collected"]["found"].values())


def test_a_node_that_died_is_missing(world):
    assert {*world["after"]["found"]} == {"head"}
    assert world["after"]["missing"]["second"] == "its node is dead"


def test_a_file_that_is_not_there_is_in_the_result(world):
    ((path, samples, _, _, reason),) = world["added"]
    assert (path.endswith("none.json"), samples) == (True, 0)
    assert "No such file" in reason


def test_a_cluster_has_to_be_joined(world):
    assert "call ray.init() first" in world["before"]
