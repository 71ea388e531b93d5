"""`scim2 test`, with each attribute added to a resource of its own.

scim2-tester 0.5.2 adds all of them to one: an extension as a whole, then each attribute in it. It takes it that a
list then has the one element that it added last; RFC 7644 §3.5.2.1 keeps those that are there.
"""

from types import SimpleNamespace
from unittest import mock

from scim2_cli import cli
from scim2_models import Path
from scim2_tester.checkers import patch_add, resource

check = resource.check_add_attribute
bind = patch_add.parametrize


def one_by_one(context, model):
    results, at, count = [], 0, 1

    def bound(generic, model):
        paths = bind(generic, model)
        if generic is not Path:
            return paths

        def one(**wanted):
            nonlocal count
            every = list(paths.iter_paths(**wanted))
            count = len(every)
            return every[at : at + 1]

        return SimpleNamespace(iter_paths=one)

    with mock.patch.object(patch_add, "parametrize", bound):
        while at < count:
            results += check(context, model)
            at += 1
    return results


resource.check_add_attribute = one_by_one
cli()
