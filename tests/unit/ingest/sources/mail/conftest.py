"""A loopback IMAP server of a few commands, for what a real one seldom does: break off, hang, talk nonsense."""

import re
import socketserver
import threading

import pytest

TEXT = "Message-ID: <{0}@example.com>\r\nSubject: mail {0}\r\n\r\n十点。\r\n"


class FakeImap(socketserver.ThreadingTCPServer):
    """Holds `mails` in INBOX by UID; `breaks` says before which commands the connection is dropped, once each."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = {uid: TEXT.format(uid).encode() for uid in (4, 7)}
        self.validity = 11
        self.breaks = []
        self.said = []
        self.capability = "IMAP4rev1 AUTH=PLAIN"
        self.search = None
        self.silent = False

    @property
    def port(self):
        return self.server_address[1]


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        if self.server.silent:
            self.rfile.read(1)
            return
        self.send("* OK ready")
        while line := self.rfile.readline():
            text = line.decode().strip()
            tag, _, command = text.partition(" ")
            self.server.said.append(command)
            if self.server.breaks and self.server.breaks[0] in command:
                self.server.breaks.pop(0)
                return
            self.answer(tag, command)
            if command == "LOGOUT":
                return

    def send(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def answer(self, tag, command):
        server = self.server
        word = command.split()[0].upper()
        if word == "CAPABILITY":
            self.send(f"* CAPABILITY {server.capability}")
        elif word == "AUTHENTICATE":
            self.send("+ ")
            server.said.append(self.rfile.readline().decode().strip())
        elif word == "EXAMINE":
            self.send(f"* {len(server.mails)} EXISTS")
            self.send(f"* OK [UIDVALIDITY {server.validity}] ids")
        elif word == "LIST":
            self.send('* LIST (\\HasNoChildren) "/" INBOX')
            self.wfile.write(b'* LIST () "/" {7}\r\na "b" c\r\n')
            self.send('* LIST (\\Noselect) "/" "gone"')
            self.send('* LIST (\\Trash) "/" "Trash"')
        elif command.startswith("UID SEARCH"):
            self.send(server.search or "* SEARCH " + " ".join(map(str, server.mails)))
        elif command.startswith("UID FETCH"):
            self.fetch(int(re.findall(r"\d+", command)[0]))
        self.send(f"{tag} OK done")

    def fetch(self, uid):
        mail = self.server.mails.get(uid)
        if mail is not None:
            self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, len(mail)))
            self.wfile.write(mail)
            self.send(")")


@pytest.fixture
def imap():
    with FakeImap() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
