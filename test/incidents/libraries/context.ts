// Owns: a dictionary with attribute access, clean: one module of 60 lines. May import: python-text.ts.
import { py } from '../python-text.ts';

/** A dictionary with attribute access: one module, 60 lines. */
export const CONTEXT_MODULE = py`"""A minimal but opinionated dict/object combo (like Bunch, but better)."""

__all__ = ["Ctx"]


class Ctx(dict):
    """A dict whose keys are attributes too.

    >>> c = Ctx(name="x")
    >>> c.name
    'x'
    """

    def __init__(self, *args, **kwargs):
        super(Ctx, self).__init__(*args, **kwargs)

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)

    def __setattr__(self, name, value):
        self[name] = value

    def __delattr__(self, name):
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name)

    def __repr__(self):
        pairs = ", ".join("%s=%r" % pair for pair in sorted(self.items()))
        return "Ctx(%s)" % pairs

    def copy(self):
        return Ctx(self)

    def pick(self, *names):
        """A smaller context with these names."""
        return Ctx((name, self[name]) for name in names if name in self)
`;
