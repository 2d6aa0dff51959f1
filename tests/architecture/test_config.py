"""``config.yaml`` tells every setting with its default, and no other."""

from __future__ import annotations

import re

import yaml
from pydantic import BaseModel

from core.config import SECRETS, Config
from tests.architecture.repository import read


def settings(model: BaseModel, hidden: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the settings of a model by name, sections as dictionaries, as YAML holds them."""
    found: dict[str, object] = {}
    for name in type(model).model_fields:
        if name not in hidden:
            value = getattr(model, name)
            found[name] = settings(value) if isinstance(value, BaseModel) else value
    return found


def test_config_yaml_holds_every_setting_with_its_default() -> None:
    written = Config(**yaml.safe_load(read("config.yaml")))
    hidden = ("path", *SECRETS)
    assert settings(written, hidden) == settings(Config(), hidden)

    def keys(tree: dict[str, object]) -> dict[str, object]:
        return {name: keys(part) for name, part in tree.items() if isinstance(part, dict)} | {
            name: None for name, part in tree.items() if not isinstance(part, dict)
        }

    assert keys(yaml.safe_load(read("config.yaml"))) == keys(settings(Config(), hidden))


def test_every_setting_or_pair_of_settings_has_its_sentence() -> None:
    """A comment stands above each key, or above the key that it shares a sentence with."""
    lines = read("config.yaml").splitlines()
    bare = [
        line
        for above, before, line in zip(lines, lines[1:], lines[2:], strict=False)
        if re.match(r"  [a-z_]+:", line) and "#" not in before and "#" not in above
    ]
    assert bare == []
