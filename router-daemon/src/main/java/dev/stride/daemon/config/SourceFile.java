package dev.stride.daemon.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One file of HOCON and the files that it includes, by paths relative to its directory. Of itself
/// the library would fetch what looks like a URL and go on silently where a file is missing.
///
/// A file that is wrong is reported and counts as empty, so that the others are read as well.
final class SourceFile
        implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private final Path file;
    private final @Nullable SourceFile includedBy;
    private final Problems problems;
    private final Map<Path, String> instead;

    /// @param instead texts of files that are not read, by their absolute names
    SourceFile(
            Path file,
            @Nullable SourceFile includedBy,
            Problems problems,
            Map<Path, String> instead) {
        this.instead = instead;
        this.file = file.toAbsolutePath().normalize();
        this.includedBy = includedBy;
        this.problems = problems;
    }

    /// The keys in it, substitutions not resolved.
    ConfigObject parse() {
        ConfigParseOptions options =
                ConfigParseOptions.defaults()
                        .setSyntax(ConfigSyntax.CONF)
                        .setAllowMissing(false)
                        .setIncluder(this);
        String text = instead.get(file);
        try {
            if (text != null) {
                return ConfigFactory.parseString(
                                text, options.setOriginDescription(file.toString()))
                        .root();
            }
            Files.readString(file); // the library would take bytes that are not UTF-8
            return ConfigFactory.parseFile(file.toFile(), options).root();
        } catch (IOException e) {
            problems.error(place(0, ""), why(e));
        } catch (ConfigException e) {
            problems.syntax(e);
        } catch (StackOverflowError e) {
            problems.error(place(0, "syntax"), "braces or brackets are nested too deep");
        }
        return empty();
    }

    private static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no such file; check the path";
            case AccessDeniedException denied -> "this user may not read it; change its mode";
            case CharacterCodingException coding -> "is not UTF-8 text; convert it";
            default -> "cannot be read: " + e.getMessage();
        };
    }

    private Place place(int line, String key) {
        return problems.place(file.toString(), line, key);
    }

    private static ConfigObject empty() {
        return ConfigFactory.empty().root();
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        return includeFile(context, new File(what));
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
        SourceFile other =
                new SourceFile(file.resolveSibling(what.toPath()), this, problems, instead);
        Place here = place(lineOf(what.getPath()), "include");
        for (SourceFile at = this; at != null; at = at.includedBy) {
            if (at.file.equals(other.file)) {
                problems.error(here, "\"" + what + "\" includes itself; break the circle");
                return empty();
            }
        }
        if (instead.containsKey(other.file) || Files.exists(other.file)) {
            return other.parse();
        }
        String message = "there is no file " + problems.shown(other.file.toString());
        if (context.parseOptions().getAllowMissing()) {
            problems.warn(here, message + "; nothing is included");
        } else {
            problems.error(here, message + "; make it, or do without \"required\"");
        }
        return empty();
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
        return refuse(what.toString());
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
        return refuse(what);
    }

    private ConfigObject refuse(String what) {
        problems.error(
                place(lineOf(what), "include"),
                "\"" + what + "\" is not a path; copy it to a file and include that");
        return empty();
    }

    /// The first line that includes `what`: the library does not tell. 0 where none looks so.
    private int lineOf(String what) {
        try {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).contains("include") && lines.get(i).contains(what)) {
                    return i + 1;
                }
            }
        } catch (IOException e) {
            return 0; // it was there a moment ago; the message does without
        }
        return 0;
    }
}
