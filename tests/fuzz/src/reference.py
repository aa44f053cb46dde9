# What CPython makes of an input. Requests and answers are preceded by their length, in four bytes; an answer is JSON.
import ipaddress, json, socket, struct, sys

sys.set_int_max_str_digits(0)
sys.setrecursionlimit(20_000)


def not_json(name):
    raise ValueError(name)


def read(data):
    # "-0" is no integer of ours. Integers are kept as they are; a float that overflows is found when it is written.
    return json.loads(data.decode("utf-8"), parse_constant=not_json)


def depth(value):
    deepest, open_values = 0, [(value, 1)]
    while open_values:
        value, level = open_values.pop()
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        if inner is not None:
            deepest = max(deepest, level)
            open_values += [(one, level + 1) for one in inner]
    return deepest


def is_text(value):
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return True
    except UnicodeEncodeError:
        return False


def canonical(data):
    """The canonical text of a payload, or all that is wrong with it."""
    value = read(data)
    levels = depth(value) + 1
    if levels > 500:  # Python writes by recursion.
        return {"errors": ["TooDeep", "LoneSurrogate", "NumberOverflow", "NotAnObject"]}
    errors = [] if isinstance(value, dict) else ["NotAnObject"]
    errors += ["TooDeep"] * (levels > 128) + ["LoneSurrogate"] * (not is_text(value))
    try:
        text = json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except ValueError:
        errors.append("NumberOverflow")
    return {"errors": errors} if errors else {"text": text}


def envelope(data):
    """The envelope's fields, or the first that is missing or of the wrong type."""
    minus_zero = lambda text: None if text == "-0" else int(text)
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=not_json, parse_int=minus_zero)
    except (ValueError, RecursionError):
        return {"field": "body"}
    if not isinstance(value, dict) or not is_text(list(value)):
        return {"field": "body"}
    is_string = lambda one: isinstance(one, str) and is_text(one)
    is_integer = lambda one: type(one) is int and -(2**63) <= one < 2**63
    checks = [("id", is_string), ("type", is_string), ("customer_id", is_string), ("timestamp", is_integer),
              ("api_version", is_string), ("data", lambda one: isinstance(one, dict))]
    for field, is_right in checks:
        if not is_right(value.get(field)):
            return {"field": field}
    return {name: value[name] for name in ("id", "type", "customer_id", "timestamp", "api_version")}


NAT64 = ipaddress.ip_network("64:ff9b::/96")


def address(data):
    """Whether an address is on the public internet; an embedded IPv4 address decides."""
    ip = ipaddress.ip_address(data)
    if ip.version == 6:
        nat64 = ipaddress.ip_address(data[12:]) if ip in NAT64 else None
        ip = ip.ipv4_mapped or ip.sixtofour or nat64 or ip
    special = ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False)
    return {"address": str(ip), "public": ip.is_global and not special}


def number(data):
    """Whether a resolver would take a host's name for an IPv4 address."""
    try:
        return {"address": list(socket.inet_aton(data.decode("ascii")))}
    except (OSError, ValueError):
        return {"address": None}


COMMANDS = {b"c": canonical, b"e": envelope, b"a": address, b"n": number}

while header := sys.stdin.buffer.read(4):
    request = sys.stdin.buffer.read(*struct.unpack("<I", header))
    try:
        answer = COMMANDS[request[:1]](request[1:])
    except (ValueError, RecursionError) as error:
        answer = {"refused": type(error).__name__}
    text = json.dumps(answer).encode("ascii")
    sys.stdout.buffer.write(struct.pack("<I", len(text)) + text)
    sys.stdout.buffer.flush()
