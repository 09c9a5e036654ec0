package dev.stride.io;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import org.junit.jupiter.api.Test;

class LayersTest {
    private static final JavaClasses IO =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.stride.io");

    @Test
    void systemCallsAreMadeInOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.stride.io.linux")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Linker.class)
                .check(IO);
    }

    @Test
    void nettyStaysWithTheTunnels() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.stride.io.tunnel")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(IO);
    }

    @Test
    void pcap4jStaysWithItsPorts() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.stride.io.pcap")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.pcap4j..")
                .check(IO);
    }

    @Test
    void ioKnowsNothingOfTheDaemon() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.stride.daemon..", "com.typesafe..", "io.micrometer..")
                .check(IO);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.stride.io.(*)..").should().beFreeOfCycles().check(IO);
    }
}
