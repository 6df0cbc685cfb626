"""POST /api/v1/referrals/acknowledgements: the receiver of a referral says, signed, that it has it.

The signature and its age are checked before anything else; see bot/referrals/README.md, "The webhook".
"""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.gateway.problems import Refused
from bot.referrals.delivery import acknowledge
from bot.referrals.signing import SIGNATURE, TIMESTAMP, BadSignature
from bot.referrals.store import ReferralStore

log = structlog.get_logger()
PATH = "/api/v1/referrals/acknowledgements"


class Acknowledgements:
    """Takes acknowledgements.

    Args:
        store: the referrals.
        secrets: secrets shared with the receiver that hold.
        clock: seconds since the epoch.
    """

    def __init__(self, store: ReferralStore, secrets: Sequence[str], clock: Callable[[], float]) -> None:
        self._store, self._secrets, self._clock = store, secrets, clock

    def route(self) -> Route:
        """Where it is taken."""
        return Route(PATH, self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        """Take one.

        Raises:
            Refused: not signed, or too old (401); not an acknowledgement (400); no such referral (404).
        """
        body = await request.body()
        try:
            known = await asyncio.to_thread(
                acknowledge,
                self._store,
                self._secrets,
                timestamp=request.headers.get(TIMESTAMP, ""),
                signature=request.headers.get(SIGNATURE, ""),
                body=body,
                now=self._clock(),
            )
        except BadSignature as error:
            log.warning("referral.acknowledgement_not_signed")
            raise Refused(401, "not_signed") from error
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise Refused(400, "bad_request") from error
        if not known:
            raise Refused(404, "not_found")
        return Response(status_code=204)
