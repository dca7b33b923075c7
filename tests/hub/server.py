"""A small hub on loopback, speaking as much of the hub's language as its real client needs."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_right"
_LARGE = (".safetensors", ".msgpack", ".bin", ".h5", ".model")


@dataclasses.dataclass
class Repository:
    """Commits, each a dictionary from path to content; and names that stand at commits."""

    private: bool = False
    gated: bool = False
    commits: dict[str, dict[str, bytes]] = dataclasses.field(default_factory=dict)
    refs: dict[str, str] = dataclasses.field(default_factory=dict)
    messages: list[str] = dataclasses.field(default_factory=list)

    def commit(self, files: Mapping[str, bytes], revision: str, message: str = "") -> str:
        """Adds a commit and moves a revision to it."""
        name = hashlib.sha1(f"{len(self.commits)} {sorted(files)}".encode()).hexdigest()
        self.commits[name] = dict(files)
        self.refs[revision] = name
        self.messages.append(message)
        return name

    def find(self, revision: str) -> str | None:
        """The commit that a revision means."""
        return revision if revision in self.commits else self.refs.get(revision)


@dataclasses.dataclass
class Request:
    """What was asked, and how many bytes of a file were sent."""

    method: str
    path: str
    range: str | None
    token: str | None
    sent: int = 0


class Hub:
    """Serves repositories until the ``with`` block ends.

    Attributes:
        requests: Every request so far.
        moved: Where repositories have moved to.
        cut: After how many bytes the next download breaks off; None for never.
        failure: A status that every request gets instead of an answer.
        announce_longer: Whether files are announced longer than they are.
        refuse_uploads: Whether large files are not taken.
        on_list: Called when the files of a repository have been listed.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.uploads: dict[str, bytes] = {}
        self.stored: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.requests: list[Request] = []
        self.cut: int | None = None
        self.failure: int | None = None
        self.announce_longer = False
        self.refuse_uploads = False
        self.on_list: Callable[[], None] = lambda: None
        hub = self

        class Handler(_Handler):
            served = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the service; from now on connections are refused."""
        self._server.shutdown()
        self._server.server_close()

    def add(
        self,
        repo_id: str,
        files: Mapping[str, bytes],
        revision: str = "main",
        *,
        private: bool = False,
        gated: bool = False,
    ) -> str:
        """Puts a commit into a repository, which is made if need be; returns the commit's name."""
        repository = self.repositories.setdefault(repo_id, Repository(private, gated))
        return repository.commit(files, revision)

    def files(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """What a repository holds."""
        repository = self.repositories[repo_id]
        return repository.commits[repository.refs[revision]]

    def downloaded(self) -> list[str]:
        """The names of the files that were sent so far, in their order, at least in part."""
        found = [
            re.fullmatch(r"/.+/(?:resolve/[^/]+|storage)/(.+)", request.path)
            for request in self.requests
            if request.sent
        ]
        return [unquote(match[1]) for match in found if match]

    def forget(self) -> None:
        """Forgets the requests so far."""
        self.requests.clear()


class _Handler(BaseHTTPRequestHandler):
    served: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing on standard error."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        self.query = parse_qs(url.query)
        authorization = self.headers.get("Authorization")
        self.token = authorization.removeprefix("Bearer ") if authorization else None
        # Noted before the answer goes out, so that whoever has the answer finds it noted.
        self.request_note = Request(self.command, url.path, self.headers.get("Range"), self.token)
        self.served.requests.append(self.request_note)
        if self.served.failure:
            self._send(self.served.failure, {"error": "in trouble"})
        else:
            self._route(url.path)

    def _route(self, path: str) -> None:
        for pattern, answer in (
            (r"/api/repos/create", self._create),
            (r"/api/validate-yaml", self._validate_yaml),
            (r"/api/models/(.+?)/preupload/([^/]+)", self._preupload),
            (r"/api/models/(.+?)/commit/([^/]+)", self._commit),
            (r"/api/models/(.+?)/branch/([^/]+)", self._branch),
            (r"/api/models/(.+?)/revision/([^/]+)", self._info),
            (r"/api/models/(.+)", self._info),
            (r"/lfs/([0-9a-f]{64})", self._upload),
            (r"/(.+)\.git/info/lfs/objects/batch", self._batch),
            (r"/(.+?)/resolve/([^/]+)/(.+)", self._resolve),
            (r"/(.+?)/storage/(.+)", self._stored),
        ):
            if match := re.fullmatch(pattern, path):
                if match.groups() and (place := self.served.moved.get(match[1])):
                    return self._send(307, b"", {"Location": path.replace(match[1], place, 1)})
                return answer(*map(unquote, match.groups()))
        return self._fail(404, "RepoNotFound", "no such route")

    # ------------------------------------------------------------------------------------------------------ reading

    def _open(self, repo_id: str, revision: str) -> tuple[Repository, str] | None:
        """The repository and commit, unless an error was sent."""
        repository = self.served.repositories.get(repo_id)
        if self.token not in (None, TOKEN):
            self._fail(401, None, "Invalid credentials in Authorization header")
        elif repository is None or (repository.private and self.token is None):
            self._fail(401 if self.token is None else 404, "RepoNotFound", "Repository not found")
        elif (commit := repository.find(revision)) is None:
            self._fail(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        else:
            return repository, commit
        return None

    def _info(self, repo_id: str, revision: str = "main") -> None:
        if found := self._open(repo_id, revision):
            repository, commit = found
            siblings = [{"rfilename": path} for path in repository.commits[commit]]
            answer = {"_id": "1", "id": repo_id, "modelId": repo_id, "sha": commit, "siblings": siblings}
            self._send(200, {**answer, "private": repository.private, "tags": [], "downloads": 0, "likes": 0})
            self.served.on_list()

    def _resolve(self, repo_id: str, revision: str, path: str) -> None:
        found = self._open(repo_id, revision)
        if not found:
            return
        repository, commit = found
        if repository.gated and self.token is None:
            self._fail(401, "GatedRepo", "Access to this model is restricted.")
            return
        content = repository.commits[commit].get(path)
        if content is None:
            self._fail(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit})
            return
        digest = hashlib.sha256(content).hexdigest()
        headers = {"X-Repo-Commit": commit, "ETag": f'"{digest[:40]}"'}
        if not path.endswith(_LARGE):
            self._send(200, content, headers)
            return
        self.served.stored[f"{repo_id}/{path}"] = content
        headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content) + self.served.announce_longer)}
        # On a host of another name, as a hub's storage is: the client does not follow when it asks for the head only.
        storage = self.served.url.replace("127.0.0.1", "localhost")
        self._send(302, b"", {**headers, "Location": f"{storage}/{repo_id}/storage/{path}"})

    def _stored(self, repo_id: str, path: str) -> None:
        content = self.served.stored[f"{repo_id}/{path}"]
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").split("-")[0])
        headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        self._send(206 if start else 200, content[start:], {"Accept-Ranges": "bytes", **headers})

    # ------------------------------------------------------------------------------------------------------ writing

    def _create(self) -> None:
        request = json.loads(self.body)
        repo_id = f"{request.get('organization') or 'me'}/{request['name']}"
        url = {"url": f"{self.served.url}/{repo_id}", "name": repo_id}
        if self.token != TOKEN:
            self._fail(401, None, "Invalid username or password.")
        elif repo_id in self.served.repositories:
            self._send(409, {"error": "You already created this model repo", **url})
        else:
            private = request.get("private") is True or request.get("visibility") == "private"
            self.served.add(repo_id, {".gitattributes": b"*.safetensors filter=lfs\n"}, private=private)
            self._send(200, url)

    def _validate_yaml(self) -> None:
        self._send(200, {"errors": [], "warnings": []})

    def _writable(self, repo_id: str) -> Repository | None:
        if self.token == TOKEN:
            return self.served.repositories[repo_id]
        self._fail(403, None, "You need write access")
        return None

    def _preupload(self, repo_id: str, _revision: str) -> None:
        if self._writable(repo_id):
            paths = [file["path"] for file in json.loads(self.body)["files"]]
            files = [
                {"path": path, "uploadMode": "lfs" if path.endswith(_LARGE) else "regular", "shouldIgnore": False}
                for path in paths
            ]
            self._send(200, {"files": files})

    def _batch(self, repo_id: str) -> None:
        if self._writable(repo_id):
            objects = [
                {**item, "actions": {"upload": {"href": f"{self.served.url}/lfs/{item['oid']}"}}}
                for item in json.loads(self.body)["objects"]
            ]
            self._send(200, {"transfer": "basic", "objects": objects})

    def _upload(self, digest: str) -> None:
        if self.served.refuse_uploads:
            self._fail(403, None, "The link has expired")
            return
        assert hashlib.sha256(self.body).hexdigest() == digest
        self.served.uploads[digest] = self.body
        self._send(200, b"")

    def _branch(self, repo_id: str, branch: str) -> None:
        repository = self._writable(repo_id)
        if repository and branch in repository.refs:
            self._send(409, {"error": "Reference already exists"})
        elif repository:
            repository.refs[branch] = repository.refs["main"]
            self._send(200, {})

    def _commit(self, repo_id: str, revision: str) -> None:
        repository = self._writable(repo_id)
        if not repository:
            return
        files = dict(repository.commits[repository.refs[revision]])
        message = ""
        for line in self.body.splitlines():
            item: dict[str, Any] = json.loads(line)
            value = item["value"]
            match item["key"]:
                case "header":
                    message = "\n".join(filter(None, [value["summary"], value.get("description")]))
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.served.uploads[value["oid"]]
                case "deletedFile":
                    del files[value["path"]]
        pull_request = None
        if "create_pr" in self.query:
            number = 1 + sum(name.startswith("refs/pr/") for name in repository.refs)
            revision = f"refs/pr/{number}"
            pull_request = f"{self.served.url}/{repo_id}/discussions/{number}"
        commit = repository.commit(files, revision, message)
        url = f"{self.served.url}/{repo_id}/commit/{commit}"
        self._send(200, {"commitUrl": url, "commitOid": commit, "pullRequestUrl": pull_request})

    # ------------------------------------------------------------------------------------------------------ sending

    def _fail(self, status: int, code: str | None, message: str, headers: Mapping[str, str] | None = None) -> None:
        codes = {"X-Error-Code": code} if code else {}
        self._send(status, {"error": message}, {**codes, "X-Error-Message": message, **(headers or {})})

    def _send(
        self, status: int, content: bytes | Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status, HTTPStatus(status).phrase)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        cut = None
        if body and isinstance(content, bytes):  # the body of a file
            cut, self.served.cut = self.served.cut, None
        self.request_note.sent = len(body[:cut])
        self.wfile.write(body[:cut])
