using System.Text.Json;

namespace Trt.GpuTests;

/// <summary>What a child process is to do, as its parent writes it into the folder that they share.</summary>
/// <param name="Part">The part to run; null: to look at a library, or, where there is none either, at the device.</param>
/// <param name="On">The library to look at or to run on.</param>
/// <param name="Found">All libraries.</param>
/// <param name="Data">Folders of models and goldens, the user's before the program's.</param>
/// <param name="Plans">Folder of plans, where there is one.</param>
/// <param name="Done">Cases that earlier processes of the part have dealt with.</param>
internal sealed record ChildTask(string? Part, FoundLibrary? On, IReadOnlyList<FoundLibrary> Found, IReadOnlyList<string> Data, string? Plans, IReadOnlyList<string> Done)
{
    public static string JournalIn(string folder) => Path.Combine(folder, "journal.jsonl");

    public static string AnswerIn(string folder) => Path.Combine(folder, "answer.json");

    public static ChildTask Read(string folder) => JsonSerializer.Deserialize<ChildTask>(File.ReadAllText(Path.Combine(folder, "task.json")), Journal.Json)!;

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, "task.json"), JsonSerializer.Serialize(this, Journal.Json));
}
