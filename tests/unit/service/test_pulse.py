from pci_placement.service.pulse import Pulse


def test_it_is_felt_for_as_long_as_was_said_and_a_little_more():
    clock = [100.0]
    pulse = Pulse(lambda: clock[0])
    pulse.expect(10.0)
    felt = {}
    for clock[0] in (100.0, 110.0, 112.0, 112.1):
        felt[clock[0]] = pulse.is_felt(2.0)
    assert felt == {100.0: True, 110.0: True, 112.0: True, 112.1: False}
    pulse.expect(0.0)
    assert pulse.is_felt(0.0)
