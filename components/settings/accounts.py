"""Azure's rules for the names and passwords of administrators of virtual machines."""

from __future__ import annotations


def _listed(names: str) -> frozenset[str]:
    return frozenset(names.split())


FORBIDDEN_USERS = _listed(
    "1 123 a actuser adm admin admin1 admin2 administrator aspnet backup console david guest john "
    "owner root server sql support support_388945a0 sys test test1 test2 test3 user user1 user2 "
    "user3 user4 user5"
)
"""On Linux and on Windows alike (virtual-machines/linux/faq, "What are the username requirements
when creating a VM?"; the same list is in virtual-machines/windows/faq)."""

FORBIDDEN_PASSWORDS = _listed(
    "abc@123 P@$$w0rd P@ssw0rd P@ssword123 Pa$$word pass@word1 Password! Password1 Password22 "
    "iloveyou!"
)
"""The same pages, on passwords."""

_LENGTH = (8, 123)
_CLASSES = 3


def password_rule(password: str) -> str | None:
    """The rule that a Windows password breaks, or None."""
    if password in FORBIDDEN_PASSWORDS:
        return "must not be a password that Azure refuses as too common"
    shortest, longest = _LENGTH
    if (
        not shortest <= len(password) <= longest
        or len({_sign_class(sign) for sign in password}) < _CLASSES
    ):
        return (
            f"must have {shortest} to {longest} characters of at least {_CLASSES} of the "
            "classes lower case, upper case, digits and special characters"
        )
    return None


def _sign_class(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    if not sign.isalpha():
        return "sign"
    return "upper" if sign.isupper() else "lower"
