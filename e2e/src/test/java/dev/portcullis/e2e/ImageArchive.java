package dev.portcullis.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** An image as an archive: its configuration and every entry of its layers, bottom layer first. */
record ImageArchive(JsonNode configuration, List<TarArchiveEntry> entries) {
    static ImageArchive read(Path archive) throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        try (var tar = new TarArchiveInputStream(Files.newInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var content = new ByteArrayOutputStream();
                tar.transferTo(content);
                files.put(entry.getName(), content.toByteArray());
            }
        }
        var json = new ObjectMapper();
        var manifest = json.readTree(content(files, "manifest.json")).get(0);
        var entries = new ArrayList<TarArchiveEntry>();
        for (var layer : manifest.get("Layers")) {
            entries.addAll(entriesOf(content(files, layer.asText())));
        }
        return new ImageArchive(
                json.readTree(content(files, manifest.get("Config").asText())), List.copyOf(entries));
    }

    /** Lays the files of the layers out below {@code directory}, with their dates, and executable where they are. */
    static void unpack(Path archive, Path directory) throws IOException {
        try (var tar = new TarArchiveInputStream(Files.newInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.getName().endsWith(".tar.gz")) {
                    unpackLayer(new TarArchiveInputStream(new GZIPInputStream(tar)), directory);
                }
            }
        }
    }

    private static void unpackLayer(TarArchiveInputStream layer, Path directory) throws IOException {
        for (var entry = layer.getNextEntry(); entry != null; entry = layer.getNextEntry()) {
            var path = directory.resolve(entry.getName()).normalize();
            if (entry.isDirectory()) {
                Files.createDirectories(path);
            } else if (entry.isFile()) {
                Files.createDirectories(path.getParent());
                Files.copy(layer, path, StandardCopyOption.REPLACE_EXISTING);
                Files.setLastModifiedTime(path, entry.getLastModifiedTime());
                if ((entry.getMode() & 0100) != 0 && !path.toFile().setExecutable(true)) {
                    throw new IOException("cannot make " + path + " executable");
                }
            } else {
                throw new IOException(entry.getName() + " is neither a file nor a directory");
            }
        }
    }

    private static byte[] content(Map<String, byte[]> files, String name) {
        var content = files.get(name);
        if (content == null) {
            throw new AssertionError("the archive has no " + name + ", only " + files.keySet());
        }
        return content;
    }

    private static List<TarArchiveEntry> entriesOf(byte[] layer) throws IOException {
        var entries = new ArrayList<TarArchiveEntry>();
        InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(layer));
        try (var tar = new TarArchiveInputStream(unpacked)) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** Paths of everything that is not a directory. */
    List<String> files() {
        return entries.stream()
                .filter(entry -> !entry.isDirectory())
                .map(TarArchiveEntry::getName)
                .toList();
    }
}
