package dev.portcullis.crd.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntime;
import dev.portcullis.crd.codec.JsonPath;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Evaluates the CEL rules of a schema here as the API server does there: the same expressions, the standard library, and of
 * Kubernetes' own functions those for addresses, CIDRs and quantities that our rules use.
 */
final class CelRules {
    private static final CelType CIDR = OpaqueType.create("net.CIDR");
    private static final CelType IP = OpaqueType.create("net.IP");
    private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");

    private static final List<CelFunctionDecl> DECLARATIONS = new ArrayList<>();
    private static final List<CelFunctionBinding> BINDINGS = new ArrayList<>();

    static {
        function("isCIDR", SimpleType.BOOL, SimpleType.STRING, String.class, text -> valid(() -> Cidr.parse(text)));
        function("isIP", SimpleType.BOOL, SimpleType.STRING, String.class, text -> valid(() -> Cidr.address(text)));
        function("cidr", CIDR, SimpleType.STRING, String.class, Cidr::parse);
        function("ip", IP, SimpleType.STRING, String.class, Cidr::address);
        function("quantity", QUANTITY, SimpleType.STRING, String.class, CelRules::quantity);
        method("masked", CIDR, CIDR, Cidr.class, Cidr::masked);
        method("family", SimpleType.INT, IP, InetAddress.class, address -> address instanceof Inet4Address ? 4L : 6L);
        method(
                "containsCIDR",
                CIDR,
                SimpleType.STRING,
                SimpleType.BOOL,
                Cidr.class,
                String.class,
                (outer, inner) -> outer.contains(Cidr.parse(inner)));
        method(
                "isGreaterThan",
                QUANTITY,
                QUANTITY,
                SimpleType.BOOL,
                BigDecimal.class,
                BigDecimal.class,
                (a, b) -> a.compareTo(b) > 0);
        method("compareTo", QUANTITY, QUANTITY, SimpleType.INT, BigDecimal.class, BigDecimal.class, (a, b) ->
                (long) a.compareTo(b));
    }

    private static final Cel CEL = CelFactory.standardCelBuilder()
            .setOptions(CelOptions.current().comprehensionMaxIterations(200_000).build())
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addCompilerLibraries(CelExtensions.strings())
            .addRuntimeLibraries(CelExtensions.strings())
            .addVar("self", SimpleType.DYN)
            .addFunctionDeclarations(DECLARATIONS)
            .addFunctionBindings(BINDINGS)
            .build();

    private CelRules() {}

    /** Compiles {@code expression}. @throws IllegalArgumentException when it is no CEL of the functions above */
    static CelRuntime.Program compile(String expression) {
        try {
            return CEL.createProgram(CEL.compile(expression).getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new IllegalArgumentException("CEL rule '" + expression + "' does not compile: " + e.getMessage(), e);
        }
    }

    /**
     * Checks every rule at and below {@code path}. A rule is passed over while something at or below its own place has a
     * problem already: it could only repeat it, or stumble over it.
     */
    static void check(JsonNode node, Schema schema, String path, Problems problems) {
        check(value(node), schema, path, problems);
    }

    private static void check(Object value, Schema schema, String path, Problems problems) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, field) -> {
                var known = schema.properties().getOrDefault((String) key, schema.additional());
                if (known != null) {
                    check(field, known, JsonPath.child(path, (String) key), problems);
                }
            });
        } else if (value instanceof List<?> list && schema.items() != null) {
            for (var i = 0; i < list.size(); i++) {
                check(list.get(i), schema.items(), JsonPath.item(path, i), problems);
            }
        }
        for (var rule : schema.rules()) {
            if (!problems.atOrBelow(path) && !holds(rule, value)) {
                problems.add(path + rule.fieldPath(), rule.problem(schema), rule.message());
            }
        }
    }

    /** Whether {@code value} keeps {@code rule}; an evaluation that fails does not, as on the API server. */
    static boolean holds(Schema.Rule rule, Object value) {
        try {
            return Boolean.TRUE.equals(rule.program().eval(Map.of("self", value)));
        } catch (CelEvaluationException e) {
            return false;
        }
    }

    /** {@code node} as the Java values that CEL works on. */
    static Object value(JsonNode node) {
        if (node.isObject()) {
            var map = new LinkedHashMap<String, Object>();
            node.properties().forEach(field -> map.put(field.getKey(), value(field.getValue())));
            return map;
        }
        if (node.isArray()) {
            var list = new ArrayList<>(node.size());
            node.forEach(item -> list.add(value(item)));
            return list;
        }
        return node.isBoolean()
                ? (Object) node.booleanValue()
                : node.canConvertToLong() && node.isIntegralNumber() ? (Object) node.longValue() : node.asText();
    }

    private static BigDecimal quantity(String text) {
        return Quantity.parse(text).getNumericalAmount();
    }

    private static boolean valid(Runnable parse) {
        try {
            parse.run();
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static <A> void function(
            String name, CelType result, CelType argument, Class<A> type, CelFunctionOverload.Unary<A> body) {
        DECLARATIONS.add(CelFunctionDecl.newFunctionDeclaration(
                name, CelOverloadDecl.newGlobalOverload(name + "_global", result, ImmutableList.of(argument))));
        BINDINGS.add(CelFunctionBinding.from(name + "_global", type, body));
    }

    private static <A> void method(
            String name, CelType result, CelType target, Class<A> type, CelFunctionOverload.Unary<A> body) {
        DECLARATIONS.add(CelFunctionDecl.newFunctionDeclaration(
                name, CelOverloadDecl.newMemberOverload(name + "_member", result, ImmutableList.of(target))));
        BINDINGS.add(CelFunctionBinding.from(name + "_member", type, body));
    }

    private static <A, B> void method(
            String name,
            CelType target,
            CelType argument,
            CelType result,
            Class<A> targetType,
            Class<B> argumentType,
            CelFunctionOverload.Binary<A, B> body) {
        DECLARATIONS.add(CelFunctionDecl.newFunctionDeclaration(
                name, CelOverloadDecl.newMemberOverload(name + "_member", result, ImmutableList.of(target, argument))));
        BINDINGS.add(CelFunctionBinding.from(name + "_member", targetType, argumentType, body));
    }
}
