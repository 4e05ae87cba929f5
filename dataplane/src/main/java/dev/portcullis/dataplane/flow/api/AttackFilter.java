package dev.portcullis.dataplane.flow.api;

import dev.portcullis.dataplane.flow.detect.Attack;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which attacks a request wants.
 *
 * @param target attacks on this address, or null for any; the same for the rest
 */
record AttackFilter(
        @Nullable InetAddress target,
        @Nullable String group,
        @Nullable String type,
        Attack.@Nullable Scope scope,
        Attack.@Nullable Direction direction)
        implements Predicate<Attack> {
    /**
     * The parameters {@code target}, {@code group}, {@code type}, {@code scope} and {@code direction}.
     *
     * @throws ApiException with status 400 when one is none
     */
    static AttackFilter of(ApiRequest request) {
        var scope = FlowReads.parameter(request, "scope");
        var direction = FlowReads.parameter(request, "direction");
        return new AttackFilter(
                address(request, "target"),
                FlowReads.parameter(request, "group"),
                FlowReads.parameter(request, "type"),
                scope == null
                        ? null
                        : Arrays.stream(Attack.Scope.values())
                                .filter(known -> known.label().equals(scope))
                                .findFirst()
                                .orElseThrow(() -> new ApiException(400, "scope: write host, prefix or group")),
                direction == null
                        ? null
                        : Arrays.stream(Attack.Direction.values())
                                .filter(known -> known.label().equals(direction))
                                .findFirst()
                                .orElseThrow(() -> new ApiException(400, "direction: write incoming or outgoing")));
    }

    /** An address literal, or null where there is no such parameter. Names are never looked up. */
    static @Nullable InetAddress address(ApiRequest request, String name) {
        var text = FlowReads.parameter(request, name);
        if (text == null) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException notAnAddress) {
            throw new ApiException(400, name + ": write an address such as 203.0.113.45 or 2001:db8::45");
        }
    }

    @Override
    public boolean test(Attack attack) {
        return (target == null || target.equals(attack.target()))
                && (group == null || group.equals(attack.group()))
                && (type == null
                        || attack.vectors().stream()
                                .anyMatch(vector -> vector.type().equals(type)))
                && (scope == null || scope == attack.extent().scope())
                && (direction == null || direction == attack.direction());
    }
}
