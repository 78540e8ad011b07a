// Emoji by the names that people use most; others stay as they were typed.

const NAMES = `smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂 laughing 😆 wink 😉 blush 😊 slightly_smiling_face 🙂
heart ❤️ green_heart 💚 yellow_heart 💛 heart_eyes 😍 thinking_face 🤔 thinking 🤔 sweat_smile 😅 cry 😢 sob 😭
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 sports_medal 🏅 first_place_medal 🥇
second_place_medal 🥈 third_place_medal 🥉 star ⭐ star2 🌟 sparkles ✨ dizzy 💫 fire 🔥 rocket 🚀 zap ⚡ rainbow 🌈
clap 👏 raised_hands 🙌 pray 🙏 muscle 💪 wave 👋 ok_hand 👌 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 point_right 👉
eyes 👀 brain 🧠 bulb 💡 white_check_mark ✅ heavy_check_mark ✔️ x ❌ warning ⚠️ no_entry ⛔ lock 🔒 key 🔑 bell 🔔
ping_pong 🏓 table_tennis_paddle_and_ball 🏓 chess_pawn ♟️ soccer ⚽ running 🏃 bike 🚲 mountain ⛰️ herb 🌿 leaves 🍃
seedling 🌱 four_leaf_clover 🍀 evergreen_tree 🌲 cake 🍰 birthday 🎂 coffee ☕ tea 🍵 beers 🍻 pizza 🍕 cookie 🍪
sun_with_face 🌞 sunny ☀️ cloud ☁️ snowflake ❄️ umbrella ☔ calendar 📅 date 📅 hourglass ⌛ clock9 🕘 memo 📝
books 📚 book 📖 mortar_board 🎓 computer 💻 bug 🐛 wrench 🔧 hammer 🔨 gear ⚙️ package 📦 chart_with_upwards_trend 📈
mag 🔍 link 🔗 pushpin 📌 speech_balloon 💬 loudspeaker 📢 mega 📣 email 📧 house 🏠 office 🏢 earth_africa 🌍
robot_face 🤖 ghost 👻 bird 🐦 dog 🐶 cat 🐱 crown 👑 gem 💎 ribbon 🎀 100 💯 crossed_fingers 🤞 handshake 🤝`;

const words = NAMES.split(/\s+/);
export const EMOJI = new Map();
for (let place = 0; place < words.length; place += 2) EMOJI.set(words[place], words[place + 1]);

export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (typed, name) => EMOJI.get(name) ?? typed);
