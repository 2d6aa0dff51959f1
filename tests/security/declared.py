"""The callbacks that rubrics declare, by whom they are for."""

from __future__ import annotations

from core.registry import Registry, discover

REGISTRY = Registry(discover("plugins"))


def every_callback():
    """Return the rubrics' callbacks: (output as Dash names it, its permission)."""
    found = []
    for rubric in REGISTRY.rubrics.values():
        for part in rubric.callbacks:
            flat = [
                d
                for group in part.dependencies
                for d in (group if isinstance(group, list) else [group])
            ]
            outputs = [
                f"{o.component_id}.{o.component_property}"
                for o in flat
                if type(o).__name__ == "Output"
            ]
            output = outputs[0] if len(outputs) == 1 else f"..{'...'.join(outputs)}.."
            found.append((output, part.permission))
    return found


EVERY = every_callback()
OF_STAFF = [output for output, permission in EVERY if permission.staff]
OF_ADMINS = [output for output, permission in EVERY if permission.admin]
"""Those of administrators, asked by « admin@b » where others are asked by Bob."""
RUBRICS = [output for output, _permission in EVERY if output not in (*OF_STAFF, *OF_ADMINS)]
