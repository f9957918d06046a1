"""The parts that come with surefoot: role, kind, where the class lives. One line a kind; nothing is imported."""

from __future__ import annotations

from typing import Final

BUILTIN: Final[dict[str, dict[str, str]]] = {
    "source": {
        "folder": "surefoot.ingest.sources:FolderSource",
        "files": "surefoot.ingest.sources:FilesSource",
        "glob": "surefoot.ingest.sources:GlobSource",
        "beir": "surefoot.ingest.beir:BeirSource",
    },
    "describer": {
        "frontmatter": "surefoot.ingest.describe.frontmatter:FrontMatter",
        "sidecar": "surefoot.ingest.describe.sidecar:Sidecar",
        "csv-map": "surefoot.ingest.describe.csv_map:CsvMap",
        "path": "surefoot.ingest.describe.path:PathParts",
        "extracted": "surefoot.ingest.describe.extracted:HeadFacts",
    },
    "chunker": {
        "structure": "surefoot.ingest.chunk:StructureChunker",
        "fixed": "surefoot.ingest.chunkers.fixed:FixedChunker",
        "sentence": "surefoot.ingest.chunkers.sentence:SentenceChunker",
        "window": "surefoot.ingest.chunkers.window:WindowChunker",
        "semantic": "surefoot.ingest.chunkers.semantic:SemanticChunker",
    },
    "view": {
        "summary": "surefoot.ingest.views.summary:SummaryViewer",
        "questions": "surefoot.ingest.views.questions:QuestionsViewer",
        "sentences": "surefoot.ingest.views.sentences:SentencesViewer",
        "context": "surefoot.ingest.views.context:ContextViewer",
    },
    "embedder": {
        "local": "surefoot.models.embed:LocalEncoder",
        "http": "surefoot.models.embed_http:HttpEncoder",
        "hash": "surefoot.models.embed_hash:HashEncoder",
        "pair": "surefoot.models.embed_pair:PairEncoder",
    },
    "reranker": {
        "http": "surefoot.models.rerank_http:HttpReranker",
        "cross-encoder": "surefoot.models.cross_encoder:CrossEncoder",
        "features": "surefoot.retrieve.rerank_features:FeatureReranker",
        "late-interaction": "surefoot.retrieve.late_interaction:LateInteraction",
    },
    "stage": {
        "infer-filters": "surefoot.retrieve.infer_filters:InferFilters",
        "prefer-inferred": "surefoot.retrieve.prefer_inferred:PreferInferred",
        "spelling": "surefoot.retrieve.spelling:Spelling",
        "synonyms": "surefoot.retrieve.synonyms:Synonyms",
        "search": "surefoot.retrieve.search:Search",
        "feedback": "surefoot.retrieve.feedback:Feedback",
        "rerank": "surefoot.retrieve.rerank:Rerank",
        "graph": "surefoot.retrieve.graph:Graph",
        "iterate": "surefoot.retrieve.iterate:Iterate",
        "neighbours": "surefoot.retrieve.neighbours:Neighbours",
        "route": "surefoot.retrieve.route:Route",
        "parents": "surefoot.retrieve.parents:Parents",
        "arrange": "surefoot.retrieve.arrange:Arrange",
        "diversify": "surefoot.retrieve.diversify:Diversify",
        "distinct": "surefoot.retrieve.distinct:Distinct",
        "budget": "surefoot.retrieve.budget:Budget",
        "quote": "surefoot.generate.quote:Quote",
        "answer": "surefoot.generate.answer:AnswerStage",
    },
}
