"""Makes a folder that sentence-transformers opens of any encoder that surefoot serves."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalSettings, Recipe, read_recipe
from surefoot.models.weights import model_digest

MODULES = "sentence_transformers.models"
TOKENIZER = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class BaseEncoder:
    """Where the base lies for training, what serves it, and the digest of its weights."""

    folder: Path
    recipe: Recipe
    digest: str

    @property
    def prompts(self) -> dict[str, str]:
        """What stands before questions and passages."""
        return {"query": self.recipe.query_prefix, "passage": self.recipe.passage_prefix}


def prepare_base(base: str, env: ModelEnv, folder: Path) -> BaseEncoder:
    """Fills the folder: weights linked, tokenizer and pooling told as sentence-transformers expects them.

    Raises:
        MissingError: there is no such model.
        DataError: it is none of the BERT family, or has layers behind the network.
    """
    recipe = read_recipe(LocalSettings(model=base), env)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for file in recipe.folder.iterdir():
        if file.name.startswith("model") and ".safetensors" in file.name:
            (folder / file.name).symlink_to(file.resolve())
    for name in ("config.json", TOKENIZER):
        shutil.copyfile(recipe.folder / name, folder / name)
    _write(folder / "tokenizer_config.json", _tokenizer_settings(folder, recipe.max_tokens))
    _write_modules(folder, recipe)
    return BaseEncoder(folder, recipe, model_digest(base, env))


def _write_modules(folder: Path, recipe: Recipe) -> None:
    names = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"{MODULES}.{name}"}
        for i, (name, path) in enumerate(names.items())
    ]
    width = json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"]
    (folder / "1_Pooling").mkdir()
    pooling = {"embedding_dimension": width, "pooling_mode": recipe.pooling}
    prompts = {"query": recipe.query_prefix, "passage": recipe.passage_prefix}
    _write(folder / "modules.json", modules)
    _write(folder / "1_Pooling" / "config.json", pooling)
    _write(
        folder / "config_sentence_transformers.json",
        {"prompts": prompts, "similarity_fn_name": "cosine"},
    )


def _tokenizer_settings(folder: Path, longest: int) -> dict[str, Any]:
    """The special tokens by what the tokenizer itself does with them."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    said = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    ids = tokenizer.encode("").ids
    first, last = (tokenizer.id_to_token(i) for i in (ids[0], ids[-1]))
    model = said["model"]
    unknown = model.get("unk_token") or tokenizer.id_to_token(model.get("unk_id") or 0)
    # Where the tokenizer tells the texts of a pair apart, the network that serves is told so too.
    apart = 1 in tokenizer.encode("a", "b").type_ids and config.get("type_vocab_size", 2) > 1
    kinds = ["token_type_ids"] if apart else []
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": ["input_ids", *kinds, "attention_mask"],
        "model_max_length": longest,
        "cls_token": first,
        "sep_token": last,
        "pad_token": tokenizer.id_to_token(config.get("pad_token_id", 0)),
        "unk_token": unknown,
    }


def _write(file: Path, values: Any) -> None:
    file.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
