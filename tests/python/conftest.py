import pytest

from aval import stack as stacks


@pytest.fixture(scope="session")
def stack():
    return stacks.shared()


@pytest.fixture(scope="session")
def citizen(stack):
    """One citizen per session of tests; codes are good once, so most tests share the login through cookies."""
    return stack.new_citizen()


slow = pytest.mark.skipif(stacks.QUICK, reason="--quick")
