"""Who there is and how each is reached: what is written down wrongly here is not told to anybody."""

from console_fakes import BEN
from watchword_hub.commands import AddPerson, ChangePerson, Contact


def test_a_person_is_added_with_contacts_in_order(site):
    fields = {"name": "Eli", "kind0": "sms", "address0": "07700 900005", "kind1": "mail", "address1": "eli@example.org"}
    page = site.browser.post("/people/person", data={"csrf": site.csrf, **fields})
    assert site.hub.asked[0] == AddPerson("Eli", (Contact("sms", "07700 900005"), Contact("mail", "eli@example.org")))
    assert "Person added." in page.text


def test_a_person_needs_a_name(site):
    assert "Name: write one" in site.browser.post("/people/person", data={"csrf": site.csrf, "name": " "}).text


def test_numbers_for_calls_are_added_and_are_no_way_to_tell_somebody(site):
    fields = {"name": "Eli", "kind0": "home", "address0": "01604 1"}
    page = site.browser.post("/people/person", data={"csrf": site.csrf, **fields}).text
    assert site.hub.asked[0] == AddPerson("Eli", (Contact("home", "01604 1"),))
    assert "home phone, calls only 01604 1" in page and "nothing for messages" in page


def test_a_wrong_number_is_put_right_where_it_stands(site):
    site.browser.post("/people/person", data={"csrf": site.csrf, "name": "Eli", "kind0": "home", "address0": "01604 1"})
    page = site.browser.get("/people").text
    assert 'name="address0" maxlength="500" value="01604 1"' in page and '<option value="home" selected>' in page
    fields = {"person": "5", "name": "Eli Shaw", "kind0": "sms", "address0": "07700 900005"}
    page = site.browser.post("/people/change", data={"csrf": site.csrf, **fields}).text
    assert site.hub.asked[1] == ChangePerson(5, "Eli Shaw", (Contact("sms", "07700 900005"),), BEN.id)
    assert "Messages that wait go by the new ways." in page
    assert "<b>Eli Shaw</b> · mobile, also for messages 07700 900005" in page


def test_nobody_is_changed_into_a_person_without_a_name_or_of_no_number(site):
    for fields, why in (({"person": "1", "name": " "}, "Name: write one"), ({"person": "x", "name": "A"}, "Person:")):
        assert why in site.browser.post("/people/change", data={"csrf": site.csrf, **fields}).text
    assert site.hub.asked == []
