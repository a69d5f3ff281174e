"""A real Courier IMAP server on loopback, unpacked from Debian's packages: the one without MOVE. Needs root.

Its paths are compiled in, so it runs in a mount namespace of its own, with folders of ours over /etc/courier,
/run/courier and /usr/lib/courier; nothing of the host's is touched.
"""

_AUTH = """
authmodulelist="authuserdb"
daemons=2
authdaemonvar={folder}/auth
DEBUG_LOGIN=0
"""
_SETTINGS = {
    "AUTHMODULES": "authdaemon", "IMAP_CAPABILITY": "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT IDLE",
    "IMAP_CAPABILITY_TLS": "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE IDLE", "IMAP_KEYWORDS": "1", "IMAP_ACL": "0",
    "IMAP_CHECK_ALL_FOLDERS": "0", "IMAP_OBSOLETE_CLIENT": "0", "IMAP_USELOCKS": "1", "IMAP_EMPTYTRASH": "",
    "IMAP_IDLE_TIMEOUT": "60", "IMAP_TLS_REQUIRED": "0", "IMAP_ENHANCEDIDLE": "1", "MAILDIRPATH": "Maildir",
    "IMAP_MAILBOX_SANITY_CHECK": "0", "IMAP_DISABLETHREADSORT": "0", "IMAP_TRASHFOLDERNAME": "Trash",
    "IMAP_MOVE_EXPUNGE_TO_TRASH": "0", "IMAP_LOG_DELETIONS": "0",
}  # fmt: skip
