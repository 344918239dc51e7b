"""Posts a comment on a pull request, or updates its own: `python cli/changes/post.py <file>`.

The environment of GitHub Actions or Azure Pipelines names the pull request. Standard library only,
so that a job with permission to write installs nothing.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = 100
TIMEOUT_SECONDS = 30


class CannotPost(Exception):  # noqa: N818 - the user reads it
    """The service refused the comment, or the environment lacks a variable."""


@dataclass(frozen=True)
class GitHub:
    """GitHub. It finds the pull request by its branch, and only at its newest commit."""

    api: str
    repository: str
    token: str
    owner: str
    branch: str
    commit: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> GitHub:
        api, repository = _required(environment, "GITHUB_API_URL", "GITHUB_REPOSITORY")
        token, owner = _required(environment, "GH_TOKEN", "HEAD_OWNER")
        branch, commit = _required(environment, "HEAD_BRANCH", "HEAD_SHA")
        return cls(api, repository, token, owner, branch, commit)

    def post(self, text: str, marker: str) -> str:
        """Post the comment or update it; returns what was done.

        Raises `CannotPost` when GitHub refuses.
        """
        number = self._number()
        if number is None:
            return "no open pull request is at this commit; nothing to comment on"
        comments = f"{self.api}/repos/{self.repository}/issues/{number}/comments"
        for comment in self._pages(comments):
            # Other users may quote the marker; update only the comment of a workflow.
            if comment["body"].startswith(marker) and comment["user"]["type"] == "Bot":
                self._send("PATCH", comment["url"], {"body": text})
                return f"updated the comment on pull request {number}"
        self._send("POST", comments, {"body": text})
        return f"commented on pull request {number}"

    def _number(self) -> int | None:
        head = urllib.parse.quote(f"{self.owner}:{self.branch}", safe="")
        address = f"{self.api}/repos/{self.repository}/pulls?state=open&head={head}"
        found = self._send("GET", address)
        return next((item["number"] for item in found if item["head"]["sha"] == self.commit), None)

    def _pages(self, address: str) -> Iterator[Any]:
        page = 1
        while True:
            found = self._send("GET", f"{address}?per_page={PAGE}&page={page}")
            yield from found
            if len(found) < PAGE:
                return
            page += 1

    def _send(self, method: str, address: str, body: object = None) -> Any:
        accept = "application/vnd.github+json"
        return _send(method, address, self.token, body, accept=accept)


@dataclass(frozen=True)
class AzureRepos:
    """Azure Repos, where a comment is a thread."""

    threads: str
    token: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> AzureRepos:
        collection, project = _required(environment, "SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT")
        repository, number = _required(
            environment, "BUILD_REPOSITORY_ID", "SYSTEM_PULLREQUEST_PULLREQUESTID"
        )
        (token,) = _required(environment, "SYSTEM_ACCESSTOKEN")
        return cls(
            f"{collection.rstrip('/')}/{urllib.parse.quote(project)}/_apis/git/repositories/"
            f"{repository}/pullRequests/{number}/threads",
            token,
        )

    def post(self, text: str, marker: str) -> str:
        """Post the comment or update it; returns what was done.

        Raises `CannotPost` when Azure DevOps refuses.
        """
        for thread in self._send("GET", self.threads)["value"]:
            comments: list[Any] = thread.get("comments") or []
            first = comments[0] if comments else {"content": ""}
            if not thread.get("isDeleted") and str(first.get("content")).startswith(marker):
                address = f"{self.threads}/{thread['id']}/comments/{first['id']}"
                self._send("PATCH", address, {"content": text})
                return "updated the comment"
        comment = {"parentCommentId": 0, "content": text, "commentType": "text"}
        self._send("POST", self.threads, {"comments": [comment], "status": "closed"})
        return "commented"

    def _send(self, method: str, address: str, body: object = None) -> Any:
        return _send(method, f"{address}?api-version=7.1", self.token, body)


def _required(environment: Mapping[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise CannotPost(f"the environment lacks {', '.join(missing)}")
    return [environment[name] for name in names]


def _send(
    method: str, address: str, token: str, body: object, *, accept: str = "application/json"
) -> Any:
    request = urllib.request.Request(  # noqa: S310 - the service's own address
        address,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": accept,
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "User-Agent": "aks-network",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            return json.load(response)
    except urllib.error.HTTPError as error:
        message = error.read().decode(errors="replace")[:500]
        raise CannotPost(f"{method} {address}: {error.code} {message}") from None
    except urllib.error.URLError as error:
        raise CannotPost(f"{method} {address}: {error.reason}") from None


def main(arguments: Sequence[str]) -> int:
    """Post the text of a file; returns 1 when that fails."""
    (file,) = arguments
    text = Path(file).read_text(encoding="utf-8")
    marker = text.partition("\n")[0]
    try:
        on_github = os.environ.get("GITHUB_ACTIONS") == "true"
        service = GitHub.of(os.environ) if on_github else AzureRepos.of(os.environ)
        print(service.post(text, marker))
    except CannotPost as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
