"""Many worlds with secrets and without: nobody who may not know sees a difference."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.privacy.test_no_trace import SECRET_TO, SECRETS, Act, compared


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    secrets=st.lists(st.sampled_from(SECRETS), min_size=1, max_size=6, unique=True),
    viewer=st.sampled_from(("tom", "kim", "yuki")),
)
def test_no_mixture_of_secrets_leaves_a_trace(secrets: list[Act], viewer: str) -> None:
    to_them = [act for act in secrets if act in SECRET_TO.get(viewer, SECRETS)]
    with_them, without = compared(to_them, viewer)
    assert with_them == without
