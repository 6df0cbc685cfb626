"""A finished paper over HTTP, as text, HTML or .docx; made on the fly, with a neutral name and nothing to cache.

shared/protection.md, "On the device": the name in a list of downloads is the same for every paper.
"""

from starlette.responses import Response

from bot.papers.draft import Draft
from bot.papers.paper import Paper
from bot.papers.render import FILE_NAME, MEDIA_TYPE, as_docx, as_html, as_text

TEXT, HTML, DOCX = "text/plain", "text/html", MEDIA_TYPE
_SUFFIXES = {".txt": TEXT, ".html": HTML, ".docx": DOCX}
MEDIA = (TEXT, HTML, DOCX)


def asked_for(name: str, accept: str) -> tuple[str, str]:
    """The kind of paper and the media type that a request asks for.

    Args:
        name: last part of its path, such as `complaint` or `complaint.docx`; the suffix counts before the header.
        accept: its Accept header.
    """
    kind, dot, suffix = name.partition(".")
    if dot:
        return kind, _SUFFIXES.get(f".{suffix}", "")
    wanted = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    return kind, next((media for media in wanted if media in MEDIA), TEXT)


def response(draft: Draft, paper: Paper, media: str) -> Response | None:
    """The paper in a media type; None where there is no such form of it, or the person did not choose to download it.

    Args:
        draft: what it was made from.
        paper: the paper.
        media: one of `MEDIA`.
    """
    if media == DOCX and draft.way == "download":
        headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        return Response(as_docx(paper), media_type=DOCX, headers=headers)
    if media == HTML:
        return Response(as_html(paper), media_type=HTML)
    return Response(as_text(paper), media_type=TEXT) if media == TEXT else None
