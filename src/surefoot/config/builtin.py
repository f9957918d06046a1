"""The parts that come with surefoot: role, kind, where the class lives. One line a kind; nothing is imported."""

from __future__ import annotations

from typing import Final

BUILTIN: Final[dict[str, dict[str, str]]] = {
    "source": {
        "folder": "surefoot.ingest.sources.folder:FolderSource",
        "files": "surefoot.ingest.sources.files:FilesSource",
        "glob": "surefoot.ingest.sources.glob:GlobSource",
        "beir": "surefoot.ingest.sources.beir:BeirSource",
        "sql": "surefoot.ingest.sources.sql.source:SqlSource",
        "s3": "surefoot.ingest.sources.s3.source:S3Source",
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
        "features": "surefoot.retrieve.rerank.rerank_features:FeatureReranker",
        "late-interaction": "surefoot.retrieve.rerank.late_interaction:LateInteraction",
        "chat": "surefoot.retrieve.rerank.chat_judge:ChatJudge",
        "chat-list": "surefoot.retrieve.rerank.chat_list:ChatList",
    },
    "engine": {
        "elasticsearch": "surefoot.retrieve.engines.elasticsearch:Elasticsearch",
        "opensearch": "surefoot.retrieve.engines.opensearch:OpenSearch",
        "solr": "surefoot.retrieve.engines.solr:Solr",
        "searxng": "surefoot.retrieve.engines.searxng:Searxng",
        "brave": "surefoot.retrieve.engines.brave:Brave",
        "sql": "surefoot.retrieve.engines.sql:Sql",
        "http": "surefoot.retrieve.engines.http:HttpEngine",
    },
    "stage": {
        "infer-filters": "surefoot.retrieve.filters.infer_filters:InferFilters",
        "prefer-inferred": "surefoot.retrieve.filters.prefer_inferred:PreferInferred",
        "spelling": "surefoot.retrieve.question.spelling:Spelling",
        "synonyms": "surefoot.retrieve.question.synonyms:Synonyms",
        "search": "surefoot.retrieve.search:Search",
        "federate": "surefoot.retrieve.federate:Federate",
        "feedback": "surefoot.retrieve.hops.feedback:Feedback",
        "rerank": "surefoot.retrieve.rerank.rerank:Rerank",
        "graph": "surefoot.retrieve.hops.graph:Graph",
        "iterate": "surefoot.retrieve.hops.iterate:Iterate",
        "neighbours": "surefoot.retrieve.arrange.neighbours:Neighbours",
        "route": "surefoot.retrieve.question.route:Route",
        "parents": "surefoot.retrieve.arrange.parents:Parents",
        "arrange": "surefoot.retrieve.arrange.arrange:Arrange",
        "diversify": "surefoot.retrieve.arrange.diversify:Diversify",
        "distinct": "surefoot.retrieve.arrange.distinct:Distinct",
        "budget": "surefoot.retrieve.arrange.budget:Budget",
        "quote": "surefoot.generate.quote:Quote",
        "answer": "surefoot.generate.answer:AnswerStage",
    },
    "tuner": {
        "lora": "surefoot.tune.chat.lora:LoraTuner",
        "full": "surefoot.tune.chat.full:FullTuner",
        "embedder": "surefoot.tune.encoder.embedder:EmbedderTuner",
        "reranker": "surefoot.tune.encoder.reranker:RerankerTuner",
    },
}
