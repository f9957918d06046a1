"""What each kind of part promises, in core values only, so that siblings work together without knowing each other."""

from typing import TYPE_CHECKING

from surefoot.core.roles.engines import Engine
from surefoot.core.roles.index import (
    PASSAGE,
    DocumentState,
    Index,
    IndexedDocument,
    Mention,
    Passage,
    Scope,
    ValueCount,
)
from surefoot.core.roles.ingesting import (
    ChunkDescriber,
    Chunker,
    Describer,
    Extracted,
    RemoteSource,
    Source,
    SourceItem,
    SourceProblem,
    View,
    Viewer,
)
from surefoot.core.roles.models import (
    TEXTS,
    AdaptableChat,
    ChatModel,
    Encoder,
    Likelihoods,
    Message,
    Reply,
    Reranker,
    Sampling,
    ScoringChat,
    TokenEncoder,
    TokenVectors,
)
from surefoot.core.roles.parts import (
    HitJudge,
    HitScorer,
    Judged,
    OpensChat,
    Parts,
    no_engine,
    no_reranker,
)
from surefoot.core.roles.stages import (
    Call,
    Meter,
    Produces,
    Stage,
    Takes,
)

if TYPE_CHECKING:
    from surefoot.core.roles.models import Vectors as Vectors

__all__ = [
    "PASSAGE",
    "TEXTS",
    "AdaptableChat",
    "Call",
    "ChatModel",
    "ChunkDescriber",
    "Chunker",
    "Describer",
    "DocumentState",
    "Encoder",
    "Engine",
    "Extracted",
    "HitJudge",
    "HitScorer",
    "Index",
    "IndexedDocument",
    "Judged",
    "Likelihoods",
    "Mention",
    "Message",
    "Meter",
    "OpensChat",
    "Parts",
    "Passage",
    "Produces",
    "RemoteSource",
    "Reply",
    "Reranker",
    "Sampling",
    "Scope",
    "ScoringChat",
    "Source",
    "SourceItem",
    "SourceProblem",
    "Stage",
    "Takes",
    "TokenEncoder",
    "TokenVectors",
    "ValueCount",
    "View",
    "Viewer",
    "no_engine",
    "no_reranker",
]
