using System.Globalization;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Rounds of build, run and dispose do not make a process grow.</summary>
public sealed class EngineSoakTests
{
    [SkippableFact]
    public void Process_stays_as_it_is_after_the_first_hundred_rounds()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Resident memory is compared on Linux, where it counts what a process uses.");

        // Methods are compiled once: recompiling hot ones takes memory for itself.
        using Child child = Child.StartAfter("export DOTNET_TieredCompilation=0", [], "soak", "100", "300");
        List<long> resident = [];
        while (child.ReadLine() is { } line)
        {
            if (line.StartsWith("resident ", StringComparison.Ordinal))
            {
                resident.Add(long.Parse(line["resident ".Length..], CultureInfo.InvariantCulture));
            }
        }

        Assert.True(resident.Count == 2, child.Errors);
        Assert.InRange(resident[1] - resident[0], long.MinValue, 1_000_000);
    }
}
