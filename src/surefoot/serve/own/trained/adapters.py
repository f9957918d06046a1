"""`/api/adapters`: the trained models of a workspace: what they are, whether they can be asked, removed; tried out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from surefoot.optimize.train import jobs_root
from surefoot.run.adapters import find_adapter, list_adapters, made_at, remove_adapter, storage
from surefoot.run.adapters import users_of as named_in
from surefoot.run.trying import Tried, try_out
from surefoot.serve.answering import timed
from surefoot.serve.desk import Gone
from surefoot.serve.own.rights import require_owner
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Served, Serving
from surefoot.serve.tenants import Tenant
from surefoot.serve.who import Principal, Who
from surefoot.tune.artefact import Form, Kind, Parity, Trained, read_card
from surefoot.tune.events import read_events

router = APIRouter(prefix="/api/adapters", tags=["tuning"])
AdapterName = Annotated[str, Path(min_length=1, max_length=200)]
Forced = Annotated[bool, Query(description="even where a solution names it")]


class HeldParity(BaseModel):
    """How an export answered beside the trained model: `agreement` and `same` from 0 to 1; only a good one is asked."""

    prompts: int
    agreement: float
    same: float
    good: bool


class HeldForm(BaseModel):
    """One form of a trained model; `parity` is null where it was not compared."""

    form: Form
    bytes: int
    parity: HeldParity | None


class ListedAdapter(BaseModel):
    """A trained model; `created` in unix seconds, `named_by` the solution files that name it.

    `model` is the name to ask it by, empty where it cannot be asked; `why` says why.
    """

    name: str
    kind: Kind
    method: str
    base: str
    created: int
    bytes: int
    forms: list[HeldForm]
    named_by: list[str]
    model: str
    why: str


class ListedAdapters(BaseModel):
    """All of them by name."""

    adapters: list[ListedAdapter]


class LossPoint(BaseModel):
    """What a training told at a step: the mean loss since the one before, and that of the rows to stop by."""

    step: int
    loss: float | None
    dev_loss: float | None


class OwnAdapter(ListedAdapter):
    """A trained model with what it was trained with; `loss` is that of the rows to stop by.

    `curve` is empty where its training is not kept here.
    """

    settings: dict[str, Any]
    rows: int
    steps: int
    loss: float | None
    merged_from: dict[str, float]
    curve: list[LossPoint]


class RemovedAdapter(BaseModel):
    """What was removed, and the bytes that it took."""

    name: str
    bytes: int


class TryRequest(BaseModel, extra="forbid"):
    """What is said to a trained model and to its base; `system` comes before it."""

    text: Annotated[str, Field(min_length=1, max_length=8000)]
    system: Annotated[str, Field(max_length=8000)] = ""
    max_tokens: Annotated[int, Field(ge=1, le=1024)] = 200


class TriedReply(BaseModel):
    """A reply, greedily drawn; `tokens` are those of the reply."""

    text: str
    seconds: float
    tokens: int


class TryReply(BaseModel):
    """The same prompt answered with the trained model and by its base alone."""

    under: Annotated[TriedReply, Field(alias="with")]
    without: TriedReply


@router.get("")
async def adapters(request: Request, serving: Served, who: Who) -> ListedAdapters:
    """The trained models of the workspace, those too that cannot be asked."""
    require_owner(who)

    def read() -> list[ListedAdapter]:
        return [_listed(who.tenant, card) for card in list_adapters(who.tenant.root)]

    return ListedAdapters(adapters=await serving.desk.run(request, lambda _: read()))


@router.get("/{name}")
async def one_adapter(name: AdapterName, request: Request, serving: Served, who: Who) -> OwnAdapter:
    """A trained model, how it was trained, and its losses step by step."""
    require_owner(who)
    return await serving.desk.run(request, lambda _: _told(who.tenant, name))


@router.delete("/{name}")
async def remove(
    name: AdapterName, request: Request, serving: Served, who: Who, *, forced: Forced = False
) -> RemovedAdapter:
    """Removes a trained model with all its forms; 409 where a solution names it."""
    require_owner(who)

    def work() -> RemovedAdapter:
        root = who.tenant.root
        users = named_in(root, name)
        if users and not forced:
            text = f"{name} answers in {', '.join(users)}; forced=true removes it all the same"
            raise Refused(409, text, code="named", param="forced")
        return RemovedAdapter(name=name, bytes=remove_adapter(root, name, forced=True))

    return await serving.desk.run(request, lambda _: work())


@router.post("/{name}/try")
async def tried(
    name: AdapterName, body: TryRequest, request: Request, serving: Served, who: Who
) -> TryReply:
    """Asks a trained model and its base the same, without documents, to see what training has changed."""
    who.require("tune")
    return await serving.desk.run(request, lambda gone: _tried(serving, who, name, body, gone))


def _listed(tenant: Tenant, card: Trained) -> ListedAdapter:
    folder = find_adapter(tenant.root, card.name)
    sizes, checks = storage(folder), {one.form: one for one in card.parity}
    why = tenant.why_not(card.name)
    return ListedAdapter(
        name=card.name,
        kind=card.kind,
        method=card.method,
        base=card.base,
        created=made_at(folder),
        bytes=sum(sizes.values()),
        forms=[
            HeldForm(form=form, bytes=sizes.get(form, 0), parity=_held(checks.get(form)))
            for form in dict.fromkeys((*sizes, *checks))
        ],
        named_by=named_in(tenant.root, card.name),
        model="" if why else tenant.name_of(card.name),
        why=why,
    )


def _held(check: Parity | None) -> HeldParity | None:
    if check is None:
        return None
    return HeldParity(
        prompts=check.prompts, agreement=check.agreement, same=check.same, good=check.good
    )


def _told(tenant: Tenant, name: str) -> OwnAdapter:
    card = read_card(find_adapter(tenant.root, name))
    events = read_events(jobs_root(tenant.root) / name)
    return OwnAdapter(
        **dict(_listed(tenant, card)),
        settings=dict(card.settings),
        rows=card.rows_used,
        steps=card.expense.steps,
        loss=card.dev_loss,
        merged_from=dict(card.merged_from),
        curve=[
            LossPoint(step=one.step, loss=one.loss, dev_loss=one.dev_loss)
            for one in events
            if one.step and not (one.loss is None and one.dev_loss is None)
        ],
    )


def _tried(serving: Serving, who: Principal, name: str, body: TryRequest, gone: Gone) -> TryReply:
    call = timed(serving, gone)
    with who.tenant.using() as space:
        try:
            under, without = try_out(space, name, (body.system, body.text), body.max_tokens, call)
        finally:
            serving.door.count(who, call.meter.usage)
            serving.metrics.used(call.meter.usage)
    return TryReply(**{"with": _reply(under), "without": _reply(without)})


def _reply(one: Tried) -> TriedReply:
    return TriedReply(text=one.text, seconds=one.seconds, tokens=one.tokens)
