"""What Locust's own configuration and environment say of a load, as JSON.

``python -m neverblock.load.locust_settings OPTIONS ...``: the options are Locust's. It reads
locust.conf, pyproject.toml and variables as Locust does, by Locust's parser.
"""

from __future__ import annotations

import json
import sys

from locust.argument_parser import get_parser


def main(arguments: list[str]) -> None:
    """Print what is said."""
    parser = get_parser()
    parser.parse_known_args(arguments)
    sources = parser.get_source_to_settings_dict()
    actions = [
        action
        for source, settings in sources.items()
        if source != "defaults"
        for action, _ in settings.values()
    ]
    said = {action.dest for action in actions if action is not None}
    names = {"locustfile": "locustfile", "users": "num_users", "run_time": "run_time"}
    sys.stdout.write(json.dumps({ours: theirs in said for ours, theirs in names.items()}))


if __name__ == "__main__":
    main(sys.argv[1:])
