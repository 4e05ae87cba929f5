package dev.portcullis.crd.resolve;

/** Kind, namespace and name of a resource. */
public record ResourceId(String kind, String namespace, String name) implements Comparable<ResourceId> {
    @Override
    public int compareTo(ResourceId other) {
        return toString().compareTo(other.toString());
    }

    /** {@code Kind/namespace/name}. */
    @Override
    public String toString() {
        return kind + "/" + namespace + "/" + name;
    }
}
