"""`python -m bayplan`."""

from bayplan.command import main

if __name__ == "__main__":
    main()
