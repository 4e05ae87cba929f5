package dev.portcullis.crd.resolve;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns resources into configurations, or says what is wrong with them. */
public final class Resolver {
    private Resolver() {}

    /** Resolves everything in {@code resources}. Never throws for anything a user wrote. */
    public static Resolution resolve(ResourceSet resources) {
        return new Resolution(Map.of(), Map.of(), Set.of(), Map.of(), List.of());
    }
}
