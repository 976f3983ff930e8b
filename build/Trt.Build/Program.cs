using Trt.Build;

string name = args.Length == 0 ? "help" : args[0];
if (name is "help" or "--help" or "-h")
{
    Console.WriteLine("usage: ./build.sh VERB [-- ARGUMENTS]      (Windows: .\\build.ps1 VERB [-- ARGUMENTS])");
    Console.WriteLine();
    foreach (Verb known in Verb.All)
    {
        Console.WriteLine($"  {known.Name,-9} {known.Summary}");
    }

    return 0;
}

Verb? verb = Verb.All.FirstOrDefault(v => v.Name == name);
if (verb is null)
{
    Console.Error.WriteLine($"There is no verb \"{name}\". The verbs are {string.Join(", ", Verb.All.Select(v => v.Name))}.");
    return 2;
}

try
{
    return verb.Execute(Repository.Find(), [.. args[1..].SkipWhile((a, i) => i == 0 && a == "--")]);
}
catch (BuildException e)
{
    Console.Error.WriteLine($"{verb.Name}: {e.Message}");
    return 1;
}
