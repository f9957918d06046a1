"""Mails as documents: of mbox files, Maildir folders and IMAP servers."""
