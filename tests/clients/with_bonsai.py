"""Python's bonsai, on OpenLDAP's libldap, against the server that the first argument describes."""

import json
import sys

import bonsai
from bonsai import LDAPClient, LDAPDN, LDAPSearchScope

at = json.loads(sys.argv[1])
base = at["base"]
people = f"ou=people,{base}"


def client(name=at["name"], password=at["password"]):
    made = LDAPClient(at["url"], tls=True)
    made.set_cert_policy("never")
    made.set_credentials("SIMPLE", user=name, password=password)
    return made


with client().connect() as conn:
    assert conn.whoami() == f"dn:{at['name']}"
    found = conn.search(people, LDAPSearchScope.ONELEVEL, "(sn=mü*)", ["cn", "telephoneNumber"])
    assert {"Jürgen Müller", "Sean Mullen"} == {entry["cn"][0] for entry in found}, found
    # A name with a comma, both ways.
    odd = conn.search(people, LDAPSearchScope.ONELEVEL, "(uid=lopez, ana)")[0].dn
    assert str(odd) == f"uid=lopez\\, ana,{people}", odd
    assert len(conn.search(odd, LDAPSearchScope.BASE)) == 1
    pages = conn.paged_search(people, LDAPSearchScope.ONELEVEL, "(objectClass=person)", page_size=2)
    assert len(list(pages)) == 6
    ordered = conn.search(people, LDAPSearchScope.ONELEVEL, "(sn=*)", ["sn"], sort_order=["-sn"])
    surnames = [entry["sn"][0] for entry in ordered]
    assert surnames == ["王", "Owner", "O'Brien", "Müller", "Mullen", "López"], surnames
    view = conn.virtual_list_search(
        people, LDAPSearchScope.ONELEVEL, "(sn=*)", ["sn"],
        sort_order=["sn"], offset=2, before_count=1, after_count=1, est_list_count=6,
    )
    assert [entry["sn"][0] for entry in view[0]] == ["López", "Mullen", "Müller"], view
    assert view[1]["target_position"] == 2 and view[1]["list_count"] == 6, view
    for kind, ask in [
        (bonsai.NoSuchObjectError, lambda: conn.delete(f"ou=nowhere,{base}")),
        (bonsai.SizeLimitError, lambda: conn.search(people, LDAPSearchScope.SUBTREE, sizelimit=1)),
        (bonsai.LDAPError, lambda: conn.delete(f"uid=mueller,{people}")),
    ]:
        try:
            ask()
            raise SystemExit(f"no {kind.__name__}")
        except kind:
            pass

directory = at["directory"]
with client(directory["name"], directory["password"]).connect() as conn:
    entry = conn.search(people, LDAPSearchScope.ONELEVEL, "(sAMAccountName=mueller)", ["objectGUID"])[0]
    assert len(entry["objectGUID"][0]) == 16, entry

try:
    client(password="wrong").connect()
    raise SystemExit("a wrong password works")
except bonsai.AuthenticationError:
    pass

print("all is well")
