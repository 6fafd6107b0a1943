import pytest
@pytest.mark.parametrize("crm",["salesforce","hubspot"])
def test_p(open_shop, crm):
    shop=open_shop(crm)
    ls=shop.leads()
    shop.drain()
    for c in shop.place.control.get("calls"): print(c["method"],c["path"],c["query"][:60],c["status"],round(c["ms"]))
    print([shop.landed(x) for x in ls], shop.parked(), shop.inbox(), shop.install)
    shop.check(ls)
