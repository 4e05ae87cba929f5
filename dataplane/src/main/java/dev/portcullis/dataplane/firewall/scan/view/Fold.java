package dev.portcullis.dataplane.firewall.scan.view;

import java.text.Normalizer;

/**
 * What a code point is read as: compatibility forms (Unicode NFKD) and letters that look like ASCII become that ASCII
 * character, invisible ones vanish, tag characters become the ASCII they hide. Everything else stays.
 */
public final class Fold {
    /** The code point is dropped. */
    public static final int DROP = -1;

    /** The code point stays what it is. */
    public static final int KEEP = -2;

    private static final int TABLE = 0x1_F200;

    /** Pairs of a look-alike and the ASCII character it is read as. */
    private static final String LOOK_ALIKES =
            "аaеeоoрpсcхxуyіiѕsјjԁdһhԛqԝwАAВBЕEЗ3КKМMНHОOРPСCТTУYХXІIЅSЈJԌGԚQԜWвbкkмmнhтtзz"
                    + "αaοoνvρpιiκkτtυuχxγyωwεeηnΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX"
                    + "օoսuհhոnցgզqմuՕOՍUՏSԼL"
                    + "ᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎥiᎫJᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᏔWᏃZ"
                    + "łlŁLøoØOđdĐDħhĦHŧtŦTıiɑaɡgɩiƅbƖIʋvßs"
                    + "ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠvᴡwʏyᴢz"
                    + "‐-‑-‒-–-—-−-⁃-ˍ_‘'’'ʼ'“\"”\"⁄/∕/⧸/∖\\꞉:∶:ː:․.‚,‹<›>⸱.·.";

    /** For each code point the ASCII character it is read as, 0 to keep it, {@link #DROP} to drop it. */
    private static final byte[] ASCII = new byte[TABLE];

    static {
        fill(0x80, 0x2FFF);
        fill(0xFB00, 0xFFFF);
        fill(0x1D400, 0x1D7FF);
        fill(0x1F100, 0x1F16F);
        for (var i = 0; i < 26; i++) {
            ASCII[0x1F170 + i] = (byte) ('A' + i);
            ASCII[0x1F1E6 + i] = (byte) ('a' + i);
        }
        for (var i = 0; i + 1 < LOOK_ALIKES.length(); i += 2) {
            ASCII[LOOK_ALIKES.charAt(i)] = (byte) LOOK_ALIKES.charAt(i + 1);
        }
        for (var c = 0; c < TABLE; c++) {
            if (invisible(c)) {
                ASCII[c] = DROP;
            }
        }
    }

    private Fold() {}

    /** The ASCII character {@code codePoint} is read as, {@link #DROP} or {@link #KEEP}. */
    public static int of(int codePoint) {
        if (codePoint < TABLE) {
            var read = ASCII[codePoint];
            return read == 0 ? KEEP : read;
        }
        if (invisible(codePoint)) {
            return DROP;
        }
        if (codePoint >= 0xE0020 && codePoint < 0xE007F) {
            return codePoint - 0xE0000;
        }
        return KEEP;
    }

    private static void fill(int first, int last) {
        for (var c = first; c <= last; c++) {
            if (c >= 0xD800 && c <= 0xDFFF) {
                continue;
            }
            var plain = Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKD);
            var end = plain.length();
            while (end > 1 && combining(plain.charAt(end - 1))) {
                end--;
            }
            if (end == 1 && plain.charAt(0) < 0x80) {
                ASCII[c] = (byte) plain.charAt(0);
            }
        }
    }

    private static boolean combining(int c) {
        return (c >= 0x300 && c <= 0x36F)
                || (c >= 0x1AB0 && c <= 0x1AFF)
                || (c >= 0x1DC0 && c <= 0x1DFF)
                || (c >= 0x20D0 && c <= 0x20FF)
                || (c >= 0xFE20 && c <= 0xFE2F);
    }

    private static boolean invisible(int c) {
        if (c < 0x300) {
            return c == 0xAD || (c >= 0x80 && c < 0xA0);
        }
        return combining(c)
                || c == 0x61C
                || c == 0x115F
                || c == 0x1160
                || c == 0x17B4
                || c == 0x17B5
                || (c >= 0x180B && c <= 0x180F)
                || (c >= 0x200B && c <= 0x200F)
                || (c >= 0x2028 && c <= 0x202E)
                || (c >= 0x2060 && c <= 0x206F)
                || c == 0x3164
                || (c >= 0xFE00 && c <= 0xFE0F)
                || c == 0xFEFF
                || c == 0xFFA0
                || (c >= 0xFFF0 && c <= 0xFFFB)
                || (c >= 0x1D173 && c <= 0x1D17A)
                || c == 0xE0001
                || c == 0xE007F
                || (c >= 0xE0100 && c <= 0xE01EF);
    }
}
