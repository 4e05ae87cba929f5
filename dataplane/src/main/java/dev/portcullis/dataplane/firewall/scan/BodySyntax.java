package dev.portcullis.dataplane.firewall.scan;

import dev.portcullis.dataplane.firewall.scan.view.ValueReader;

/** How a request body is written, as far as the scan needs to know. */
enum BodySyntax {
    JSON(ValueReader.JSON),
    FORM(ValueReader.PAIRS),
    MULTIPART(ValueReader.LINES),
    TEXT(ValueReader.LINES);

    private final ValueReader reader;

    BodySyntax(ValueReader reader) {
        this.reader = reader;
    }

    static BodySyntax of(String contentType) {
        var essence = MediaType.essence(contentType);
        if (MediaType.json(essence)) {
            return JSON;
        }
        if (essence.equals("application/x-www-form-urlencoded")) {
            return FORM;
        }
        return essence.startsWith("multipart/") ? MULTIPART : TEXT;
    }

    /** Takes the values out of the syntax. */
    ValueReader reader() {
        return reader;
    }
}
