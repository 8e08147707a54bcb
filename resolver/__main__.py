"""``python -m resolver`` is the command ``dualdns``."""

from resolver.cli.main import main

if __name__ == "__main__":
    main()
