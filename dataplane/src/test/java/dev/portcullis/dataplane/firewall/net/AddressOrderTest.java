package dev.portcullis.dataplane.firewall.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AddressOrderTest {
    private static InetAddress of(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theFamiliesTakeTurnsAndIpv6Begins() {
        var four = List.of(of("192.0.2.1"), of("192.0.2.2"), of("192.0.2.3"));
        var six = List.of(of("2001:db8::1"), of("2001:db8::2"));
        assertThat(HappyEyeballs.order(List.of(four.get(0), four.get(1), four.get(2), six.get(0), six.get(1))))
                .containsExactly(six.get(0), four.get(0), six.get(1), four.get(1), four.get(2));
    }

    @Test
    void manyAddressesAreCutToTheFirstFew() {
        var many = IntStream.range(1, 100).mapToObj(i -> of("192.0.2." + i)).toList();
        assertThat(HappyEyeballs.order(many)).isEqualTo(many.subList(0, HappyEyeballs.ATTEMPTS));
    }
}
