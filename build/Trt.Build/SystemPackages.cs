using System.Runtime.InteropServices;

namespace Trt.Build;

/// <summary>Programs that come with the operating system: found, installed where that is ours to do, else named with the command that installs them.</summary>
internal static class SystemPackages
{
    /// <summary>Makes sure that one of some programs is there.</summary>
    /// <param name="purpose">What it is needed for, as the end of a sentence.</param>
    /// <param name="debianPackages">Debian's packages that bring the first of them, with spaces between.</param>
    /// <param name="otherSystems">The command for systems without apt.</param>
    /// <param name="programs">Names, any of which will do.</param>
    /// <returns>The program's path; null, after saying what is missing and how to get it, when it could not be had.</returns>
    public static string? Provide(string purpose, string debianPackages, string otherSystems, params string[] programs)
    {
        if (First(programs) is { } found)
        {
            return found;
        }

        if (Tool.Find("apt-get") is not null && Environment.UserName == "root")
        {
            Console.WriteLine($"{programs[0]} is missing, {purpose}: installing Debian's {debianPackages}");
            if (Install(debianPackages) && First(programs) is { } installed)
            {
                return installed;
            }
        }

        string command = OperatingSystem.IsLinux() && Tool.Find("apt-get") is not null
            ? $"sudo apt-get update && sudo apt-get install -y --no-install-recommends {debianPackages}"
            : otherSystems;
        Console.WriteLine($"{programs[0]} is missing, {purpose}. To install it: {command}");
        return null;
    }

    /// <summary>Makes sure that a shared library is there.</summary>
    /// <param name="purpose">What it is needed for, as the end of a sentence.</param>
    /// <param name="debianPackage">Debian's package of it.</param>
    /// <param name="file">The library's file name on Linux; other systems are not asked.</param>
    public static void ProvideLibrary(string purpose, string debianPackage, string file)
    {
        if (!OperatingSystem.IsLinux() || NativeLibrary.TryLoad(file, out _))
        {
            return;
        }

        if (Tool.Find("apt-get") is not null && Environment.UserName == "root")
        {
            Console.WriteLine($"{file} is missing, {purpose}: installing Debian's {debianPackage}");
            if (Install(debianPackage))
            {
                return;
            }
        }

        Console.WriteLine($"{file} is missing, {purpose}. To install it: sudo apt-get install -y --no-install-recommends {debianPackage}");
    }

    private static string? First(string[] programs) => programs.Select(Tool.Find).FirstOrDefault(p => p is not null);

    private static bool Install(string packages)
    {
        string[] install = ["install", "-y", "-q", "--no-install-recommends", .. packages.Split(' ')];
        return Tool.Run("/", "apt-get", install) == 0
            || (Tool.Run("/", "apt-get", "update", "-q") == 0 && Tool.Run("/", "apt-get", install) == 0);
    }
}
