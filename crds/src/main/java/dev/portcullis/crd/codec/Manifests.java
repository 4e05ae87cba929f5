package dev.portcullis.crd.codec;

import dev.portcullis.crd.resolve.Problem;
import dev.portcullis.crd.resolve.ProblemReason;
import dev.portcullis.crd.resolve.Resource;
import dev.portcullis.crd.resolve.ResourceId;
import dev.portcullis.crd.resolve.ResourceSet;
import dev.portcullis.crd.resolve.ResourceSet.SecretKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link ManifestReader} found in files. Immutable once read; {@link #toString} shows no secret. */
public final class Manifests {
    private record Source(String file, YamlDocument document) {}

    private final List<Resource> resources = new ArrayList<>();
    private final Map<ResourceId, Source> sources = new HashMap<>();
    private final Map<SecretKey, byte[]> secrets = new LinkedHashMap<>();
    private final Map<SecretKey, String> configMaps = new LinkedHashMap<>();
    private final List<ManifestProblem> problems = new ArrayList<>();

    Manifests() {}

    /** The resources of {@code portcullis.dev}, in the order of files and documents. */
    public List<Resource> resources() {
        return Collections.unmodifiableList(resources);
    }

    /** The values of the Secrets in the files. */
    public Map<SecretKey, byte[]> secrets() {
        return Collections.unmodifiableMap(secrets);
    }

    /** The {@code data} of the ConfigMaps in the files; a key's {@code secret} is the ConfigMap's name. */
    public Map<SecretKey, String> configMaps() {
        return Collections.unmodifiableMap(configMaps);
    }

    /** What could not be read. A file with such a problem may still have given resources. */
    public List<ManifestProblem> problems() {
        return Collections.unmodifiableList(problems);
    }

    /** Everything a resolution may look at. */
    public ResourceSet resourceSet(String operatorNamespace) {
        return new ResourceSet(resources, secrets.keySet(), configMaps, operatorNamespace);
    }

    /** {@code problem} with the file, line and column of its field, or of the nearest thing around it. */
    public ManifestProblem placed(Problem problem) {
        var source = sources.get(problem.resource());
        if (source == null) {
            return new ManifestProblem("?", 0, 0, problem.toString());
        }
        var place = source.document().place(problem.path());
        if (place == null) {
            return new ManifestProblem(source.file(), 0, 0, problem.toString());
        }
        return problem.reason() == ProblemReason.UnknownField
                ? new ManifestProblem(source.file(), place.nameLine(), place.nameColumn(), problem.toString())
                : new ManifestProblem(source.file(), place.valueLine(), place.valueColumn(), problem.toString());
    }

    void add(Resource resource, String file, YamlDocument document) {
        resources.add(resource);
        sources.put(resource.id(), new Source(file, document));
    }

    void addSecret(SecretKey key, byte[] value) {
        secrets.put(key, value);
    }

    void addConfigMap(SecretKey key, String value) {
        configMaps.put(key, value);
    }

    void add(ManifestProblem problem) {
        problems.add(problem);
    }

    @Override
    public String toString() {
        return resources.size() + " resources, " + secrets.size() + " secret keys, " + problems.size() + " problems";
    }
}
