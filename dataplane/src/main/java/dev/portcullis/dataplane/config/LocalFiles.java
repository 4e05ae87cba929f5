package dev.portcullis.dataplane.config;

import dev.portcullis.crd.codec.ManifestProblem;
import dev.portcullis.crd.codec.ManifestReader;
import dev.portcullis.crd.codec.Manifests;
import dev.portcullis.crd.resolve.Resolution;
import dev.portcullis.crd.resolve.Resolver;
import dev.portcullis.crd.resolve.ResourceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The resources, Secrets and ConfigMaps of YAML files and folders, as {@code run} and {@code validate} see them. */
public final class LocalFiles {
    /** The namespace that stands for the operator's: where a resource of a file without one ends up. */
    public static final String OPERATOR_NAMESPACE = "default";

    private final List<Path> paths;

    /** @param paths files, or folders whose YAML files are read */
    public LocalFiles(List<Path> paths) {
        this.paths = List.copyOf(paths);
    }

    /**
     * What the files hold at one moment.
     *
     * @param problems everything wrong with them, each with file, line and column; when there is one, nothing of the files
     *     may be taken over: a broken edit must not release a kill switch in the file beside it
     */
    public record Loaded(Manifests manifests, Resolution resolution, List<ManifestProblem> problems) {
        /** The secrets that belong to a resource. */
        public SecretSource secretsOf(ResourceId id) {
            var values = new HashMap<String, byte[]>();
            manifests.secrets().forEach((key, value) -> {
                if (key.namespace().equals(id.namespace())) {
                    values.put(key.secret() + "." + key.key(), value);
                }
            });
            return new SecretSnapshot(values);
        }
    }

    /** Reads and resolves the files as they are now. Never throws for anything in them. */
    public Loaded load() {
        var manifests = ManifestReader.read(paths);
        var resolution = Resolver.resolve(manifests.resourceSet(OPERATOR_NAMESPACE));
        var problems = new ArrayList<>(manifests.problems());
        resolution.problems().forEach(problem -> problems.add(manifests.placed(problem)));
        return new Loaded(manifests, resolution, List.copyOf(problems));
    }

    /**
     * Loads again whenever one of the files changes, comes or goes.
     *
     * @param changed called on the watch's thread with what was loaded
     * @throws IOException when a folder cannot be watched
     */
    public DirectoryWatch watch(Consumer<Loaded> changed) throws IOException {
        var folders = new HashSet<Path>();
        for (var path : paths) {
            folders.add(Files.isDirectory(path) ? path : path.toAbsolutePath().getParent());
        }
        var seen = new AtomicReference<>(stamps());
        return new DirectoryWatch(folders, () -> {
            var now = stamps();
            if (!now.equals(seen.getAndSet(now))) {
                changed.accept(load());
            }
        });
    }

    /** Name, size and time of every file: what differs when something was edited. */
    private List<String> stamps() {
        var stamps = new ArrayList<String>();
        for (var path : paths) {
            try (var files = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
                for (var file : files.sorted().toList()) {
                    stamps.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
                }
            } catch (IOException gone) {
                stamps.add(path + " unreadable");
            }
        }
        return stamps;
    }
}
