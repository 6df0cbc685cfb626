"""Whether an address can take a code at all. Whether it is safe is decided in `rules`."""

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from bot.cases.model import SafeContact

_EMAIL = re.compile(r"[\w.%+'-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII | re.IGNORECASE)
# The numbers that Ofcom keeps for film and demonstrations are of unknown type.
_TEXTABLE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.UNKNOWN)


class WrongAddress(ValueError):
    """A text or an e-mail cannot be sent there; the message says why, without the address."""


def tidy(contact: SafeContact) -> SafeContact:
    """The same contact with its address in the one form it is sent to.

    Args:
        contact: a mobile number as people write it (British unless it begins with +), or an e-mail address.

    Raises:
        WrongAddress: not such a number or address, or a landline.
    """
    address = contact.address.strip()
    if contact.channel == "email":
        if len(address) > 254 or not _EMAIL.fullmatch(address):
            raise WrongAddress("is not an e-mail address")
    else:
        try:
            number = phonenumbers.parse(address, "GB")
        except phonenumbers.NumberParseException as error:
            raise WrongAddress("is not a phone number") from error
        if not phonenumbers.is_possible_number(number) or phonenumbers.number_type(number) not in _TEXTABLE:
            raise WrongAddress("is not a mobile number")
        address = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return SafeContact(channel=contact.channel, address=address, belongs_to=contact.belongs_to)
