package dev.portcullis.dataplane.firewall.scanapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.crd.v1alpha1.ScanApiSpec.ScanKind;
import java.util.EnumSet;

/** Fuzz target of the bodies of scan calls: read, or refused with a code and a sentence. */
public final class ScanApiFuzz {
    private ScanApiFuzz() {}

    /** Tries one body. */
    public static void run(byte[] input) {
        try {
            ScanRequestReader.read(input, input.length, EnumSet.allOf(ScanKind.class));
        } catch (ScanRefusedException e) {
            assertThat(e.sentence()).isNotBlank().hasSizeLessThan(400);
        }
    }
}
