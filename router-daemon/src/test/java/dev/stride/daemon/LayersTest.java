package dev.stride.daemon;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class LayersTest {
    private static final JavaClasses DAEMON =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.stride.daemon");

    @Test
    void librariesStayInTheirPackages() {
        outside(
                "io.netty..",
                "dev.stride.daemon.control",
                "dev.stride.daemon.fpm",
                "dev.stride.daemon.web");
        outside("io.micrometer..", "dev.stride.daemon.metrics");
        outside("com.typesafe.config..", "dev.stride.daemon.config");
        outside("com.fasterxml..", "dev.stride.daemon.control", "dev.stride.daemon.cli");
        outside(
                "picocli..",
                "dev.stride.daemon.cli",
                "dev.stride.daemon.demo",
                "dev.stride.daemon");
    }

    private static void outside(String library, String... packages) {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(DAEMON);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.stride.daemon.(*)..").should().beFreeOfCycles().check(DAEMON);
    }

    /// Only commands use the router as a whole, and only that uses what the control thread writes.
    @Test
    void whatIsAboveIsNotUsedFromBelow() {
        noClasses()
                .that()
                .resideInAPackage("dev.stride.daemon..")
                .and()
                .resideOutsideOfPackages(
                        "dev.stride.daemon",
                        "dev.stride.daemon.cli",
                        "dev.stride.daemon.demo",
                        "dev.stride.daemon.running")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.stride.daemon.cli",
                        "dev.stride.daemon.demo",
                        "dev.stride.daemon.running")
                .check(DAEMON);
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.stride.daemon.live", "dev.stride.daemon.running")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.stride.daemon.live")
                .check(DAEMON);
    }

    /// The socket and HTTP see the router through one interface.
    @Test
    void outsideWorldSeesTheRouterInterfaceOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.stride.daemon.control",
                        "dev.stride.daemon.web",
                        "dev.stride.daemon.metrics")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.stride.io..", "dev.stride.core.fib", "dev.stride.core.rib")
                .check(DAEMON);
    }
}
