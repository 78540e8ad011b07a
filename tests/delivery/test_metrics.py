"""What /metrics may say of deliveries: nothing that a private award could be guessed from."""

from prometheus_client import REGISTRY, generate_latest

from tests.world import World


def deliveries_in_metrics() -> list[str]:
    text = generate_latest(REGISTRY).decode()
    return [line for line in text.splitlines() if line.startswith("laurel_deliver")]


def test_a_private_award_leaves_no_trace_in_the_metrics(world: World) -> None:
    world.command("tom", "/award", "@maria team-player Thanks")
    world.deliver()
    before = deliveries_in_metrics()

    world.command("tom", "/award", "@maria customer-hero Thanks --private")
    world.deliver()

    assert len(world.dms("maria")) == 2
    assert deliveries_in_metrics() == before
