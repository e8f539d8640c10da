"""``python -m decision``: the same as the command ``decision``."""

from decision.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
